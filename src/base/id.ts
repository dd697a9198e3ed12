const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"; // Crockford base32, lower case: no i, l, o, u
const ID_LENGTH = 26; // 128 bits in base32

/** The shape of an id's text after its prefix. */
export const ID_BODY = `[0-9a-hjkmnp-tv-z]{${ID_LENGTH}}`;

/** True for an id of this type, as `newId` makes them. */
export function isId<Prefix extends string>(prefix: Prefix, text: string): text is `${Prefix}_${string}` {
  return new RegExp(`^${prefix}_${ID_BODY}$`).test(text);
}

/**
 * A new id: the type's prefix and a UUIDv7 (RFC 9562) in base32, so that ids sort by the millisecond they were made in.
 * @param now milliseconds since the epoch
 */
export function newId<Prefix extends string>(
  prefix: Prefix,
  now: number = Date.now(),
): `${Prefix}_${string}` {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let rest = now;
  for (let i = 5; i >= 0; i--) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  let text = "";
  for (let i = 0; i < ID_LENGTH; i++) {
    text = ALPHABET[Number(value & 31n)]! + text;
    value >>= 5n;
  }
  return `${prefix}_${text}`;
}

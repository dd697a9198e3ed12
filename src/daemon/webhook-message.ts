import type { Delivery } from "../protocol/webhook.ts";

const SECRET_PREFIX = "whsec_";
const SECRET_BYTES = 32;

export function newSecret(): string {
  return SECRET_PREFIX + crypto.getRandomValues(new Uint8Array(SECRET_BYTES)).toBase64();
}

/**
 * A delivery as a message of Standard Webhooks (https://www.standardwebhooks.com): its id stays the same over all
 * tries, its signature is made of id, time and body.
 * @param now milliseconds since the epoch
 */
export function webhookMessage(
  { id, notice }: Delivery,
  secret: string,
  now: number,
): { headers: Record<string, string>; body: string } {
  const { at, kind, about: _, ...data } = notice;
  const body = JSON.stringify({ type: kind, timestamp: new Date(at).toISOString(), data });
  const timestamp = String(Math.floor(now / 1_000));
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), "base64");
  const signature = new Bun.CryptoHasher("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return {
    body,
    headers: {
      "content-type": "application/json",
      "user-agent": "dispatch",
      "webhook-id": id,
      "webhook-timestamp": timestamp,
      "webhook-signature": `v1,${signature}`,
    },
  };
}

import { DispatchError } from "../../base/error.ts";

/**
 * Where a request came in. The socket lies in a folder that only its owner can enter, which is all the proof it takes.
 * The loopback port is open to every program of the machine and every page in a browser on it.
 */
export type Door = { kind: "socket" } | { kind: "loopback"; token: string; port(): number };

/**
 * Lets a request pass, an upgrade alike. A page of another site is kept out by its Origin, one whose name was bound to
 * this address (DNS rebinding) by the Host that it names, another user's program by the token.
 * @throws DispatchError `forbidden` or `unauthorized`
 */
export function admit(headers: Headers, door: Door): void {
  if (door.kind === "socket") return;
  const names = ["127.0.0.1", "localhost", "[::1]"].map((name) => `${name}:${door.port()}`);
  const host = headers.get("host")?.toLowerCase() ?? "";
  if (!names.includes(host)) throw new DispatchError("forbidden", "the Host header names another address");
  const origin = headers.get("origin");
  if (origin !== null && origin.toLowerCase() !== `http://${host}`)
    throw new DispatchError("forbidden", "requests from other sites are refused");
  if (!isBearer(headers.get("authorization") ?? "", door.token))
    throw new DispatchError("unauthorized", "the token is missing or wrong", {
      hint: "send the header Authorization: Bearer <content of local.token in DISPATCH_HOME>",
    });
}

/** Compared as hashes, so that the time it takes says nothing about the token or its length. */
function isBearer(header: string, token: string): boolean {
  return crypto.timingSafeEqual(sha256(header), sha256(`Bearer ${token}`));
}

function sha256(text: string): Buffer {
  return new Bun.CryptoHasher("sha256").update(text).digest();
}

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DispatchError } from "../base/error.ts";

const DAYS = 3_650;

/**
 * A certificate of our own for 127.0.0.1, made once by openssl and kept below the home; its clients do not check it.
 * @throws DispatchError `unavailable` where openssl is missing or fails
 */
export async function ownCertificate(home: string): Promise<{ cert: string; key: string }> {
  const folder = join(home, "tls");
  if (!existsSync(folder)) await make(folder);
  return {
    cert: readFileSync(join(folder, "cert.pem"), "utf8"),
    key: readFileSync(join(folder, "key.pem"), "utf8"),
  };
}

async function make(folder: string): Promise<void> {
  const draft = `${folder}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"];
  const kind = [
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-days",
    String(DAYS),
  ];
  const files = ["-keyout", join(draft, "key.pem"), "-out", join(draft, "cert.pem")];
  await run(["openssl", "req", ...kind, ...subject, ...files]);
  renameSync(draft, folder);
}

async function run(command: string[]): Promise<void> {
  const hint = "install openssl, or set tls.mode to disabled in oppi's config.json";
  try {
    const child = Bun.spawn(command, { stdin: "ignore", stdout: "ignore", stderr: "pipe" });
    const said = await new Response(child.stderr).text();
    if ((await child.exited) === 0) return;
    throw new DispatchError("unavailable", `openssl made no certificate: ${said.trim().slice(0, 300)}`, {
      hint,
    });
  } catch (error) {
    if (error instanceof DispatchError) throw error;
    throw new DispatchError("unavailable", "openssl is not installed", { hint, cause: error });
  }
}

import { fstatSync } from "node:fs";
import { hookReport } from "../core/hook-report.ts";
import type { HookReport } from "../protocol/hook-report.ts";

const MAX_INPUT_BYTES = 32 * 1024 * 1024; // the event carries the prompt, or what a tool read

/** The event that an agent writes to its hook's standard input; `{}` where there is none, as from a terminal. */
export async function readHookEvent(): Promise<object> {
  const input = fstatSync(0).isCharacterDevice() ? "" : await Bun.stdin.text();
  if (input.length > MAX_INPUT_BYTES || input === "") return {};
  const event: unknown = JSON.parse(input);
  return typeof event === "object" && event !== null ? event : {};
}

/** The event as far as it is anybody's business; null for one that is not reported. */
export function reportOf(event: object, agent: string): HookReport | null {
  return hookReport(event, { agent, digest: promptDigest });
}

function promptDigest(key: string): string {
  return new Bun.CryptoHasher("sha256").update(key).digest("hex");
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { DispatchError } from "../../base/error.ts";
import { faultText } from "../../protocol/fault.ts";

export const DEFAULT_PORT = 7749;

/** What of oppi's own configuration its clients go by. */
const OppiConfig = z.looseObject({
  token: z.string().min(1),
  port: z.number().int().min(1).max(65_535).default(DEFAULT_PORT),
  tls: z.looseObject({ mode: z.string().default("disabled") }).default({ mode: "disabled" }),
});
type OppiConfig = z.infer<typeof OppiConfig>;

/** Where oppi's clients look for the port and the token. */
export function oppiConfigPath(home: string): string {
  return join(home, ".config", "oppi", "config.json");
}

/** @throws DispatchError `invalid` or `not_found`, with how to get one */
export function readOppiConfig(home: string): OppiConfig {
  const path = oppiConfigPath(home);
  const result = OppiConfig.safeParse(parse(path), { error: faultText });
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new DispatchError("invalid", `${path}: ${issue.path.join(".")}: ${issue.message}`);
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) throw new DispatchError("invalid", `${path} is no JSON`);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new DispatchError("not_found", `oppi's clients need a token in ${path}`, {
      hint: "dispatch config compat oppi",
    });
  }
}

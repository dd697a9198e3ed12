import { z } from "zod";
import type { Client } from "../../client/client.ts";
import { type Announcements, WorkContext } from "./announced.ts";

/** The longest name of a command or an event. */
const MAX_TYPE_CHARS = 64;
export const MAX_ID_CHARS = 128;
export const MAX_PATH_CHARS = 1024;

/** A line of Workstation's wire. What only some commands need is checked by them. */
export const Told = z.looseObject({
  type: z.string().min(1).max(MAX_TYPE_CHARS),
  sessionId: z.string().max(MAX_ID_CHARS).nullable().catch(null),
  payload: z.record(z.string(), z.unknown()).catch({}),
  context: WorkContext.optional().catch(undefined),
});
export type Told = z.infer<typeof Told>;

/** What is answered, in the order of its fields. */
export type Reply = { readonly status: "ok" | "error" } & Readonly<Record<string, unknown>>;

/** What a command has at hand: the daemon's calls, the home of the user, whose clients these are, and what hooks said. */
export interface Desk {
  readonly client: Client;
  readonly home: string;
  readonly announced: Announcements;
}

/** A command of the wire. */
export type Command = (desk: Desk, told: Told) => Promise<Reply>;

/** A command that takes a payload of this form; a fault in it is answered with its schema's words. */
export function command<Payload>({
  payload,
  run,
}: {
  payload: z.ZodType<Payload>;
  /** `sender` is the session that the caller says to be. */
  run: (desk: Desk, payload: Payload, sender: string | null) => Promise<Reply>;
}): Command {
  return async (desk, told) => {
    const { success, data, error } = payload.safeParse(told.payload);
    return success ? run(desk, data, told.sessionId) : failed(error.issues[0]!.message);
  };
}

export function ok(received: string, more: object = {}): Reply {
  return { status: "ok", received, ...more };
}

export function failed(message: string, more: object = {}): Reply {
  return { status: "error", message, ...more };
}

/** A text of a payload. */
export function textField(name: string, max: number): z.ZodString {
  const fault = missing(name);
  return z.string(fault).min(1, fault).max(max, `${name} exceeds maximum length (${max})`);
}

/** What is told of a field that is not there, or no such thing. */
export function missing(name: string): string {
  return `Missing or invalid ${name} in payload`;
}

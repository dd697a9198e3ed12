import { z } from "zod";
import type { Client } from "../../client/client.ts";

/** The longest name of a command or an event. */
const MAX_TYPE_CHARS = 64;
export const MAX_ID_CHARS = 128;

/** A line of Workstation's wire. What only some commands need is checked by them. */
export const Told = z.looseObject({
  type: z.string().min(1).max(MAX_TYPE_CHARS),
  sessionId: z.string().max(MAX_ID_CHARS).nullable().catch(null),
  payload: z.record(z.string(), z.unknown()).catch({}),
});
export type Told = z.infer<typeof Told>;

/** What is answered, in the order of its fields. */
export type Reply = { readonly status: "ok" | "error" } & Readonly<Record<string, unknown>>;

/** A command of the wire. */
export type Command = (client: Client, told: Told) => Promise<Reply>;

/** A command that takes a payload of this form; a fault in it is answered with its schema's words. */
export function command<Payload>({
  payload,
  run,
}: {
  payload: z.ZodType<Payload>;
  /** `sender` is the session that the caller says to be. */
  run: (client: Client, payload: Payload, sender: string | null) => Promise<Reply>;
}): Command {
  return async (client, told) => {
    const { success, data, error } = payload.safeParse(told.payload);
    return success ? run(client, data, told.sessionId) : failed(error.issues[0]!.message);
  };
}

export function ok(received: string, more: object = {}): Reply {
  return { status: "ok", received, ...more };
}

export function failed(message: string, more: object = {}): Reply {
  return { status: "error", message, ...more };
}

/** What is told of a field that is not there, or no such thing. */
export function missing(name: string): string {
  return `Missing or invalid ${name} in payload`;
}

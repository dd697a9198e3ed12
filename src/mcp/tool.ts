import { z } from "zod";
import type { Client } from "../client/client.ts";
import type { MessageRequest } from "../protocol/message.ts";
import type { HostInput, Wish } from "./host-input.ts";
import type { Place } from "./place.ts";

/** What a tool gets to work with. */
export interface Desk {
  readonly client: Client;
  /** Who asks: the same for every call of one host process, and for its next server when it starts another. */
  readonly caller: string;
  readonly place: Place;
  /** Who is told what happens to the host's tasks: its process, or its session of ours. */
  readonly listener: string;
  /** Who a message is from. */
  readonly sender: Pick<MessageRequest, "fromSession" | "fromAgent">;
  readonly host: HostInput;
  /** The folder that the host runs in. */
  readonly folder: string;
  readonly environment: Record<string, string | undefined>;
  /** The host has given the call up. */
  readonly signal: AbortSignal;
}

/** What a tool says: the facts as a small document, and the same as a few lines for hosts that show only text. */
export interface Reply {
  readonly facts: Record<string, unknown>;
  readonly text: string;
}

/** One tool. The description and those of its arguments are all that a model knows of it. */
export interface Tool<Input extends z.ZodObject = z.ZodObject> {
  readonly name: `dispatch_${string}`;
  readonly description: string;
  readonly input: Input;
  /** It changes nothing: hosts may call it without asking. */
  readonly reads?: true;
  /** It has the host's person decide something. */
  readonly decides?: true;
  /** A wish is put to the host, and the tool is run again with what came of it. */
  run(desk: Desk, input: z.output<Input>): Promise<Reply | Wish>;
}

/** Gives a tool's file its types. */
export function tool<Input extends z.ZodObject>(definition: Tool<Input>): Tool {
  return definition;
}

const MAX_REF_CHARS = 200;
const MAX_TEXT_CHARS = 64 * 1024;

/** A name or an id. */
export const ref = z.string().trim().min(1).max(MAX_REF_CHARS);
/** The task that a call is about. */
export const taskRef = ref.describe("a task's name or id");
/** The session that a call is about. */
export const sessionRef = ref.describe("a session's name or id");
/** What a worker is told. */
export const words = z.string().min(1).max(MAX_TEXT_CHARS);

import type { AcpRow } from "../agent-row.ts";
import {
  StartError,
  type AgentProcess,
  type Conversation,
  type Driver,
  type DriverInput,
} from "../driver.ts";
import { failureEnd } from "../failure-end.ts";
import { RpcError } from "../json-rpc.ts";
import { within } from "../../base/within.ts";
import { limitOf } from "../reached-limit.ts";
import { AcpConversation } from "./conversation.ts";
import { openSession } from "./handshake.ts";
import { AgentLink, AnswerError, type Gone } from "./link.ts";
import { describe } from "./refusal.ts";

/** From the start of the program to a session that takes a prompt. */
const START_LIMIT_MS = 120_000;

/** The Agent Client Protocol, version 1 (https://agentclientprotocol.com), as a product of the catalog speaks it. */
export function acpDriver(row: AcpRow, { startLimitMs = START_LIMIT_MS } = {}): Driver {
  return { open: (input) => open(input, row, startLimitMs) };
}

async function open(input: DriverInput, row: AcpRow, limitMs: number): Promise<Conversation> {
  const link = new AgentLink(startProgram(input));
  try {
    const session = await within(openSession(link, input, row), limitMs);
    if (session !== undefined) return new AcpConversation(link, session, { input, row });
    throw new StartError("timeout", `the agent was not ready after ${limitMs / 1_000} s`);
  } catch (error) {
    link.kill();
    throw await startError(error, link);
  }
}

function startProgram(input: DriverInput): AgentProcess {
  const { launch } = input;
  try {
    return input.spawn(launch.command, { environment: launch.environment, folder: launch.folder });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "EACCES") throw new StartError("missing", message);
    throw error;
  }
}

/** Why a program that was started is no agent that is ready. */
async function startError(error: unknown, link: AgentLink): Promise<StartError> {
  if (error instanceof RpcError) {
    const end = failureEnd(error);
    return new StartError(end === "error" ? "protocol" : end, describe(error), limitOf(error, Date.now()));
  }
  if (error instanceof AnswerError) return new StartError("protocol", error.message);
  const gone = await link.closed; // until then its last words may be unread
  const { lines, first } = link.rubbish;
  if (!link.heard && lines > 0) {
    return new StartError("protocol", `the program speaks no ACP: it wrote ${lines} lines like ${first}`);
  }
  return error instanceof StartError ? error : crashed(gone);
}

function crashed({ exitCode, message }: Gone): StartError {
  const how = exitCode === null ? "was killed" : `ended with exit code ${exitCode}`;
  return new StartError("crashed", message === "" ? `the agent ${how}` : `the agent ${how}: ${message}`);
}

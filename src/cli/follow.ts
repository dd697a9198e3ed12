import { homeFiles } from "../base/home.ts";
import { startDaemon } from "../client/daemon.ts";
import { followStream, type StreamItem } from "../client/stream.ts";
import type { Position } from "../protocol/event.ts";
import type { Topic } from "../protocol/stream.ts";
import type { Context } from "./command.ts";

/** Over when Ctrl-C was pressed, or after so many milliseconds; null: without a limit. */
export function waitSignal({ interrupted }: Context, timeoutMs: number | null): AbortSignal {
  return timeoutMs === null ? interrupted : AbortSignal.any([interrupted, AbortSignal.timeout(timeoutMs)]);
}

/** The stream of this home's daemon, which is started where none runs; ends with the signal. */
export async function* follow(
  context: Context,
  topics: Topic[],
  signal: AbortSignal,
  after?: Position,
): AsyncGenerator<StreamItem> {
  await context.client.call("health", {}, {});
  yield* followStream({
    socket: homeFiles(context.local.home).socket,
    topics,
    signal,
    revive: () => startDaemon(context.local),
    ...(after ? { after } : {}),
  });
}

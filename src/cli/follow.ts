import { homeFiles } from "../base/home.ts";
import { startDaemon } from "../client/daemon.ts";
import { followStream, type StreamItem } from "../client/stream.ts";
import type { Position } from "../protocol/event.ts";
import type { Topic } from "../protocol/stream.ts";
import type { Context } from "./command.ts";

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

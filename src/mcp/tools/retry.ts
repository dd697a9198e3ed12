import { z } from "zod";
import { callerEnvironment } from "../../client/environment.ts";
import type { CallInput } from "../../protocol/api.ts";
import { MAX_PLAN_ITEMS } from "../../protocol/limit.ts";
import { ownSession } from "../place.ts";
import { shortFacts } from "../task-facts.ts";
import { ref, taskRef, tool } from "../tool.ts";

export const retry = tool({
  name: "dispatch_retry",
  description: "Start an ended task again at its first open item; ticks are kept.",
  input: z.strictObject({
    task: taskRef,
    model: ref.optional().describe("another model"),
    skip: z.int().min(1).max(MAX_PLAN_ITEMS).optional().describe("number of an item to leave out"),
  }),
  async run({ client, environment, place }, { task, model, skip }) {
    const body: CallInput<"retryTask"> = {
      environment: callerEnvironment(environment),
      ...ownSession(place),
    };
    if (model !== undefined) body.model = model;
    if (skip !== undefined) body.skip = skip;
    const again = (await client.call("retryTask", { task }, body)).task;
    return {
      facts: { ...shortFacts(again), attempt: again.attempt, model: again.model.name },
      text: `Attempt ${again.attempt} of ${again.slug} using ${again.model.name}.`,
    };
  },
});

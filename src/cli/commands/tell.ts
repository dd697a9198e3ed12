import { DispatchError } from "../../base/error.ts";
import { callerEnvironment } from "../../client/environment.ts";
import type { CallInput } from "../../protocol/api.ts";
import { callingSession } from "../../client/calling-session.ts";
import { command } from "../command.ts";
import { parseDuration } from "../duration.ts";
import { EXIT } from "../exit.ts";
import { readWords } from "../input.ts";
import { sentText } from "../message-words.ts";

export const tell = command({
  operands: ["ID", "MESSAGE…"],
  details:
    "The message is on disk when this returns (- reads it from standard input). Messages are told one after the other, each as a turn of its own. A session that is stopped is brought back. Exit code 4: a person has to release it.",
  examples: ['dispatch tell api "the tests fail on main, look first"', "dispatch tell api --steer stop that"],
  flags: {
    steer: { help: "instead of what its agent does now, not after it" },
    expires: { value: "DURATION", help: "not to be told any more after this time, such as 1h" },
    "idempotency-key": { value: "KEY", help: "a repeat with the same key is no second message" },
  },
  async run(context, { operands: [session = "", ...words], flags }) {
    const text = await readWords(words);
    const body: CallInput<"sendMessage"> = {
      text,
      environment: callerEnvironment(context.environment),
      ...callingSession(context),
    };
    if (flags.steer) body.mode = "steer";
    if (flags.expires !== undefined) body.expiresInMs = parseDuration(flags.expires);
    const options = { key: flags["idempotency-key"] };
    const answer = await withHint(context.client.call("sendMessage", { session }, body, options));
    await context.output.show(answer, ({ message }) => sentText(message));
    return answer.message.receipt.state === "held" ? EXIT.waits : EXIT.done;
  },
});

/** Whatever went wrong, the sessions that there are help. */
async function withHint<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof DispatchError) || error.hint !== undefined) throw error;
    const { code, message, candidates, ref } = error;
    throw new DispatchError(code, message, { hint: "dispatch sessions", candidates, ref, cause: error });
  }
}

import { DispatchError } from "../../base/error.ts";
import { callerEnvironment } from "../../client/environment.ts";
import type { CallInput } from "../../protocol/api.ts";
import { quote } from "../../core/quote.ts";
import { callingSession } from "../../client/calling-session.ts";
import { command } from "../command.ts";
import { parseDuration } from "../duration.ts";
import { EXIT } from "../exit.ts";
import { nothingHappened } from "../happening.ts";
import { readImage } from "../image.ts";
import { readWords } from "../input.ts";
import { sentText } from "../message-words.ts";
import { usageError } from "../parse.ts";
import { nextAnswer } from "../session-wait.ts";
import { showAnswer } from "../session-wait-words.ts";

export const tell = command({
  operands: ["ID", "MESSAGE…"],
  details:
    "The message is on disk when this returns (- reads it from standard input). Messages are told one after the other, each as a turn of its own. A session that is stopped is brought back. Exit code 4: a person has to release it. With --wait what its agent answers is printed (of one in a terminal: where that stands), and the exit code says how that turn went: 0 done, 1 failed or not told, 4 waits for a person.",
  examples: [
    'dispatch tell api "the tests fail on main, look first"',
    "dispatch tell api --steer stop that",
    'dispatch tell api --wait --timeout 10m "which tests fail?"',
  ],
  flags: {
    steer: { help: "instead of what its agent does now, not after it" },
    wait: { help: "return when the turn that it began is over, or a person is needed before" },
    timeout: { value: "DURATION", help: "with --wait: give up after this time, such as 10m" },
    image: { value: "FILE", help: "a picture that goes with it: PNG, JPEG, GIF or WebP", many: true },
    expires: { value: "DURATION", help: "not to be told any more after this time, such as 1h" },
    "idempotency-key": { value: "KEY", help: "a repeat with the same key is no second message" },
  },
  async run(context, { operands: [session = "", ...words], flags }) {
    const wait = waitOf(flags);
    const text = await readWords(words);
    const body: CallInput<"sendMessage"> = {
      text,
      environment: callerEnvironment(context.environment),
      ...callingSession(context),
    };
    if (flags.steer) body.mode = "steer";
    if (flags.image !== undefined) body.images = await Promise.all(flags.image.map(readImage));
    if (flags.expires !== undefined) body.expiresInMs = parseDuration(flags.expires);
    const options = { key: flags["idempotency-key"] };
    const { position: after } = wait ? await context.client.call("health", {}, {}) : { position: null };
    const answer = await withHint(context.client.call("sendMessage", { session }, body, options));
    if (wait && after) {
      const answered = await nextAnswer(context, answer, { after, timeoutMs: wait.timeoutMs });
      if (!answered && !context.interrupted.aborted)
        throw nothingHappened(flags.timeout ?? "the time", `dispatch wait ${quote(session)}`);
      return await showAnswer(context, answered);
    }
    await context.output.show(answer, ({ message }) => sentText(message));
    return answer.message.receipt.state === "held" ? EXIT.waits : EXIT.done;
  },
});

function waitOf(flags: { wait?: boolean; timeout?: string }): { timeoutMs: number | null } | null {
  if (flags.wait) return { timeoutMs: flags.timeout === undefined ? null : parseDuration(flags.timeout) };
  if (flags.timeout !== undefined) throw usageError("--timeout goes with --wait", "dispatch tell --help");
  return null;
}

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

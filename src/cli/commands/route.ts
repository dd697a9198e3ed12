import { callerEnvironment } from "../../client/environment.ts";
import type { CallInput } from "../../protocol/api.ts";
import { callingSession } from "../../client/calling-session.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { reportNotice } from "../failure.ts";
import { readWords } from "../input.ts";
import { usageError } from "../parse.ts";
import { planText, routedText } from "../routing-words.ts";
import { workspaceRef } from "../../client/user-path.ts";

export const route = command({
  operands: ["QUERY", "[MESSAGE…]"],
  details:
    "The query is a repository, the name of a session or a task, what one is about, or a folder's path. A repository without a session gets its first one; a second one is opened by session new. Where several are as likely nothing is sent, they are listed, and the exit code is 3.",
  examples: [
    'dispatch route api "check the failing migration"',
    'dispatch route fix-tests "the database is up again"',
    "dispatch route api --dry-run",
  ],
  flags: {
    "dry-run": { help: "only say what would be chosen, with the scores and why" },
    "idempotency-key": { value: "KEY", help: "a repeat with the same key opens and sends nothing again" },
  },
  async run(context, { operands: [query = "", ...words], flags }) {
    const { client, output, environment } = context;
    const body: CallInput<"route"> = { query: workspaceRef(query, environment), ...callingSession(context) };
    if (flags["dry-run"]) {
      const plan = await client.call("route", {}, { ...body, dryRun: true });
      await output.show(plan, (plan, look) => planText(plan, look));
      return plan.verdict.kind === "session" || plan.verdict.kind === "first" ? EXIT.done : EXIT.notFound;
    }
    if (words.length === 0) throw usageError("MESSAGE is missing", "dispatch route --help");
    body.message = await readWords(words);
    body.environment = callerEnvironment(environment);
    const answer = await client.call("route", {}, body, { key: flags["idempotency-key"] });
    for (const notice of answer.notices) reportNotice(notice);
    await output.show(answer, (answer) => routedText(answer));
    return answer.message?.receipt.state === "held" ? EXIT.waits : EXIT.done;
  },
});

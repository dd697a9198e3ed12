import type { CallInput } from "../../protocol/api.ts";
import type { Conversation } from "../../protocol/outside.ts";
import { command } from "../command.ts";
import { formatDuration } from "../duration.ts";
import { EXIT } from "../exit.ts";
import { type Look, table } from "../output.ts";
import { parseCount } from "../page.ts";

export const conversations = command({
  operands: [],
  details:
    "Claude Code and Codex keep their conversations in files of their own; this reads their beginnings. Go on with one: dispatch session adopt ID.",
  flags: { limit: { value: "N", help: "how many at most" } },
  async run({ client, output }, { flags }) {
    const query: CallInput<"listConversations"> = {};
    if (flags.limit !== undefined) query.limit = parseCount(flags.limit, "--limit");
    const answer = await client.call("listConversations", {}, query);
    await output.show(answer, (view, look) =>
      view.conversations.length === 0 ? "No conversations." : conversationTable(view.conversations, look),
    );
    return EXIT.done;
  },
});

function conversationTable(list: readonly Conversation[], look: Look): string {
  const now = Date.now();
  return table(
    list.map(({ id, agent, folder, title, updatedAt, session }) => [
      look.dim(id),
      agent,
      formatDuration(now - updatedAt),
      folder,
      title,
      session ?? "",
    ]),
    look,
  );
}

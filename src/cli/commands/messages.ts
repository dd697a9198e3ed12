import type { Message } from "../../protocol/message.ts";
import { quote } from "../../core/quote.ts";
import { command } from "../command.ts";
import { formatDuration } from "../duration.ts";
import { EXIT } from "../exit.ts";
import { senderText, takenText } from "../message-words.ts";
import { cut, type Look, table } from "../output.ts";
import { PAGE_FLAGS, pageInput, pageNote } from "../page.ts";

const SHOWN_CHARS = 120;

export const messages = command({
  operands: ["ID"],
  flags: PAGE_FLAGS,
  async run({ client, output }, { operands: [session = ""], flags }) {
    const answer = await client.call("listMessages", { session }, pageInput(flags));
    await output.show(answer, (view, look) =>
      view.messages.length === 0
        ? "No messages."
        : messageTable(view.messages, look) + pageNote(`messages ${quote(session)}`, view.next),
    );
    return EXIT.done;
  },
});

function messageTable(list: readonly Message[], look: Look): string {
  const now = Date.now();
  return table(
    list.map((message) => [
      look.dim(message.id),
      formatDuration(now - message.acceptedAt),
      senderText(message.from) + (message.mode === "steer" ? " (steer)" : ""),
      takenText(message, now),
      cut(message.text, SHOWN_CHARS),
    ]),
    look,
  );
}

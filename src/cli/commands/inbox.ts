import type { Attention } from "../../protocol/attention.ts";
import { attentionRows } from "../attention-words.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { type Named, readNamed } from "../named.ts";
import type { Look } from "../output.ts";

export const inbox = command({
  operands: [],
  flags: {},
  async run({ client, output }) {
    const attention = await client.call("getAttention", {}, {});
    if (output.json) {
      await output.show(attention, () => "");
      return EXIT.done;
    }
    await output.show({ attention, ...(await readNamed(client)) }, inboxText);
    return EXIT.done;
  },
});

function inboxText(view: Named & { attention: Attention }, look: Look): string {
  const rows = attentionRows(view.attention, view);
  if (rows.length === 0) return "Nothing needs you.";
  return rows.map((row) => `${row.text}\n  ${look.dim(row.next)}`).join("\n");
}

import type { FileChange } from "../../protocol/change.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { reportNotice } from "../failure.ts";
import { type Look, table } from "../output.ts";

export const diff = command({
  operands: ["ID"],
  details: "Into a pipe the patch goes byte for byte, so that git apply takes it.",
  flags: { stat: { help: "only the files and how many lines" } },
  async run({ client, output }, { operands, flags }) {
    const answer = await client.call("getDiff", { task: operands[0]! }, {});
    if (flags.stat || output.json) {
      await output.show(flags.stat ? { files: answer.files } : answer, ({ files }, look) =>
        statText(files, look),
      );
      return EXIT.done;
    }
    await output.exact(answer.diff.text);
    if (answer.diff.truncated) reportNotice("the diff is longer than what is shown");
    return EXIT.done;
  },
});

function statText(files: FileChange[], look: Look): string {
  if (files.length === 0) return "Nothing changed.";
  const rows = files.map((file) => [
    file.status,
    file.binary
      ? "binary"
      : `${look.colour("green", `+${file.additions}`)} ${look.colour("red", `-${file.deletions}`)}`,
    file.from === undefined ? file.path : `${file.from} → ${file.path}`,
  ]);
  return table(rows, look);
}

import type { CallInput } from "../../protocol/api.ts";
import type { FileChange, PlaceChanges } from "../../protocol/change.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { reportNotice } from "../failure.ts";
import { indent, type Look, table } from "../output.ts";
import { parseCount } from "../page.ts";

export const diff = command({
  operands: ["ID"],
  details: [
    "Into a pipe the patch goes byte for byte, so that git apply takes it. Of a task in several repositories the paths",
    "begin with their names, as in the folder where it worked; --only NAME is the patch of one, for that one.",
  ].join("\n"),
  examples: ["dispatch diff api --stat", "dispatch diff api --attempt 2 --since 1"],
  flags: {
    stat: { help: "only the files and how many lines" },
    only: { value: "NAME", help: "of several repositories only this one" },
    attempt: {
      value: "N",
      help: "as it stood at the end of this attempt, as dispatch attempts numbers them",
    },
    since: { value: "N", help: "only what changed since the end of this attempt" },
  },
  async run({ client, output }, { operands, flags }) {
    const query: CallInput<"getDiff"> = {};
    if (flags.only !== undefined) query.only = flags.only;
    if (flags.attempt !== undefined) query.attempt = parseCount(flags.attempt, "--attempt");
    if (flags.since !== undefined) query.since = parseCount(flags.since, "--since");
    const answer = await client.call("getDiff", { task: operands[0]! }, query);
    const { files, diff, places } = answer;
    if (flags.stat || output.json) {
      const several = places.length === 0 ? {} : { places };
      const view = flags.stat ? { files, ...several } : { files, diff, ...several };
      await output.show(view, (_, look) =>
        places.length === 0 ? statText(files, look) : placesText(places, look),
      );
      return EXIT.done;
    }
    await output.exact(diff.text);
    if (diff.truncated) reportNotice("the diff is longer than what is shown");
    return EXIT.done;
  },
});

function placesText(places: PlaceChanges[], look: Look): string {
  return places
    .map(
      ({ name, folder, files }) =>
        `${look.bold(name)}  ${look.dim(folder)}\n${indent(statText(files, look))}`,
    )
    .join("\n");
}

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

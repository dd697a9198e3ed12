import type { CallInput } from "../../protocol/api.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { parseCount } from "../page.ts";
import { projectTable } from "../project-words.ts";

export const projects = command({
  operands: [],
  details:
    "Those that were used last come first. projects.roots in the configuration says where they are looked for.",
  flags: {
    limit: { value: "N", help: "how many at most" },
    offset: { value: "N", help: "leave out so many of the first" },
  },
  async run({ client, output }, { flags }) {
    const input: CallInput<"listProjects"> = {};
    if (flags.limit !== undefined) input.limit = parseCount(flags.limit, "--limit");
    if (flags.offset !== undefined) input.offset = parseCount(flags.offset, "--offset");
    const answer = await client.call("listProjects", {}, input);
    await output.show(answer, ({ projects, next }, look) =>
      projects.length === 0
        ? "No projects found. Say where they are: dispatch projects discover <folder>"
        : projectTable(projects, look) +
          (next === null ? "" : `\n\nMore: dispatch projects --offset ${next}`),
    );
    return EXIT.done;
  },
});

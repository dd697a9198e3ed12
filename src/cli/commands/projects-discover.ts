import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { reportNotice } from "../failure.ts";
import { projectTable } from "../project-words.ts";
import { userPath } from "../../client/user-path.ts";

export const projectsDiscover = command({
  operands: ["[FOLDER]"],
  details:
    "Looks three folders deep for git repositories and for folders with a CLAUDE.md or an AGENTS.md: below projects.roots of the configuration, or the usual folders of your home, or below FOLDER.",
  examples: ["dispatch projects discover", "dispatch projects discover ~/clients"],
  flags: {},
  async run({ client, output, environment }, { operands: [folder] }) {
    const body = folder === undefined ? {} : { path: userPath(folder, environment) };
    const found = await client.call("discoverProjects", {}, body);
    if (!found.complete) reportNotice("there is more than one search looks at: name a folder further down");
    await output.show(found, ({ projects, added, roots }, look) =>
      [
        ...(projects.length === 0 ? [] : [projectTable(projects, look), ""]),
        `${projects.length} found, ${added} of them new${roots.length === 0 ? "" : `, below ${roots.join(", ")}`}.`,
      ].join("\n"),
    );
    return EXIT.done;
  },
});

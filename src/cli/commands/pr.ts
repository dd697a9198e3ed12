import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PullRequest } from "../../protocol/pull-request.ts";
import { command, type Context } from "../command.ts";
import { EXIT } from "../exit.ts";
import { reportHint, reportNotice } from "../failure.ts";
import { usageError } from "../parse.ts";

export const pr = command({
  operands: ["ID"],
  details:
    "Prints the text of a pull request for a task's branch. Nothing leaves this machine without --push or --open.",
  examples: ["dispatch pr one-spelling", "dispatch pr one-spelling --push origin --open"],
  flags: {
    push: { value: "REMOTE", help: "push the branch to this remote of the repository first" },
    open: { help: "open the pull request with gh, or print the command where there is no gh" },
    body: { help: "print the body alone, for gh --body-file -" },
  },
  async run(context, { operands, flags }) {
    if (flags.open && flags.body)
      throw usageError("--open and --body do not go together", "dispatch pr --help");
    const { client, output } = context;
    const task = operands[0]!;
    if (flags.push !== undefined) {
      const { branch, remote } = await client.call("pushPullRequest", { task }, { remote: flags.push });
      reportNotice(`pushed ${branch} to ${remote}`);
    }
    const { pullRequest } = await client.call("getPullRequest", { task }, {});
    if (flags.open) return await open(context, task, pullRequest);
    if (flags.body && !output.json) await output.exact(pullRequest.body);
    else await output.show(pullRequest, ({ title, body }, look) => `${look.bold(title)}\n\n${body}`);
    return EXIT.done;
  },
});

/** The words of gh, without its program; each value is one with its flag, so that none passes for another flag. */
function createWords({ title, branch, target }: PullRequest, bodyFile: string): string[] {
  return [
    "pr",
    "create",
    `--base=${target}`,
    `--head=${branch}`,
    `--title=${title}`,
    `--body-file=${bodyFile}`,
  ];
}

async function open({ environment }: Context, task: string, pullRequest: PullRequest): Promise<number> {
  const gh = Bun.which("gh", { PATH: environment["PATH"] ?? "" });
  if (gh === null) {
    const words = ["gh", ...createWords(pullRequest, "-")].map(shellWord).join(" ");
    reportNotice("gh is not installed");
    reportHint(`dispatch pr ${task} --body | ${words}`);
    return EXIT.failed;
  }
  const folder = await mkdtemp(join(tmpdir(), "dispatch-pr-"));
  try {
    const body = join(folder, "body.md");
    await writeFile(body, pullRequest.body, { mode: 0o600 });
    const child = Bun.spawn([gh, ...createWords(pullRequest, body)], {
      cwd: pullRequest.folder,
      stdio: ["ignore", "inherit", "inherit"],
    });
    return (await child.exited) === 0 ? EXIT.done : EXIT.failed;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

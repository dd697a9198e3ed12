import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DispatchError } from "../../base/error.ts";
import type { PullRequest } from "../../protocol/pull-request.ts";
import { command, type Context } from "../command.ts";
import { EXIT } from "../exit.ts";
import { reportHint, reportNotice } from "../failure.ts";
import type { Look } from "../output.ts";
import { usageError } from "../parse.ts";

export const pr = command({
  operands: ["ID"],
  details:
    "Prints the text of a pull request for a task's branch: of several repositories one for each that it changed.\nNothing leaves this machine without --push or --open.",
  examples: ["dispatch pr one-spelling", "dispatch pr one-spelling --push origin --open"],
  flags: {
    push: { value: "REMOTE", help: "push the branch to this remote of the repository first" },
    open: { help: "open the pull request with gh, or print the command where there is no gh" },
    body: { help: "print the body alone, for gh --body-file -" },
    only: { value: "NAME", help: "of several repositories only this one; --push sends all" },
  },
  async run(context, { operands, flags }) {
    if (flags.open && flags.body)
      throw usageError("--open and --body do not go together", "dispatch pr --help");
    const { client, output } = context;
    const task = operands[0]!;
    if (flags.push !== undefined) {
      const { branch, remote, also } = await client.call("pushPullRequest", { task }, { remote: flags.push });
      reportNotice(`pushed ${branch} to ${remote}`);
      for (const { name } of also) reportNotice(`pushed ${branch} of ${name} to its ${remote}`);
    }
    const { pullRequest, also } = await client.call("getPullRequest", { task }, {});
    const all = chosen([pullRequest, ...also], { task, only: flags.only });
    if (flags.open) return await openAll(context, task, all);
    const [first, ...further] = all as [PullRequest, ...PullRequest[]];
    if (flags.body && !output.json) await output.exact(all.map(({ body }) => body).join("\n"));
    else if (further.length === 0) await output.show(first, textOf);
    else
      await output.show({ pullRequests: all }, ({ pullRequests }, look) =>
        pullRequests.map((one) => `${look.bold(`${one.name}: `)}${textOf(one, look)}`).join("\n"),
      );
    return EXIT.done;
  },
});

/** @throws DispatchError `not_found` for a repository without a change */
function chosen(
  all: PullRequest[],
  { task, only }: { task: string; only: string | undefined },
): PullRequest[] {
  const named = only === undefined ? all : all.filter(({ name }) => name === only);
  if (named.length > 0) return named;
  throw new DispatchError("not_found", `${task} changed nothing in a repository ${JSON.stringify(only)}`, {
    hint: `dispatch diff ${task} --stat`,
    candidates: all.map(({ name }) => name),
  });
}

function textOf({ title, body }: PullRequest, look: Look): string {
  return `${look.bold(title)}\n\n${body}`;
}

async function openAll(context: Context, task: string, all: readonly PullRequest[]): Promise<number> {
  let worst: number = EXIT.done;
  for (const one of all)
    worst = Math.max(worst, await open(context, all.length === 1 ? task : `${task} --only ${one.name}`, one));
  return worst;
}

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

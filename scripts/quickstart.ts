// The first minute with Dispatch: hands a task to the best agent of this machine, in a repository made for it, and
// shows every command as a user would type it.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { defaultHome } from "../src/base/home.ts";
import { PLAIN_BUN } from "../src/processes/plain-bun.ts";
import type { AgentInfo } from "../src/protocol/agent.ts";

const ROOT = dirname(import.meta.dir);
const DISPATCH = [process.execPath, ...PLAIN_BUN, join(ROOT, "src", "main.ts")];
const FOLDER = join(defaultHome(process.env), "quickstart");

/** What the agent is asked to do, and the checklist that it gets; a shell worker's checklist are its commands. */
const FOR_AGENTS = {
  prompt:
    "Make the greeting in greet.sh polite: it should greet the person whose name it is given, or everyone.",
  plan: "1) change greet.sh\n2) run it with and without a name\n3) write usage.md with one example\n",
};
const FOR_SHELL = {
  prompt: "Count what is in this repository and write it down",
  plan: "1) `git log --oneline` what happened so far\n2) `wc -l *.sh > usage.md` count the lines\n3) `cat usage.md` show the result\n",
};

await main();

async function main(): Promise<void> {
  makeRepository();
  const { agents } = JSON.parse(await output("agents", "--json")) as { agents: AgentInfo[] };
  const best = agents.find((each) => each.agent !== "shell" && each.installed && each.login === "yes");
  say(best ? `Found ${best.name} ${best.version ?? ""}, logged in.` : nothingFound(agents));
  const ended = await handOver(best?.agent ?? "shell");
  if (ended !== 0 && best) {
    say(`${best.name} did not finish. The built-in shell worker does it another way:`);
    process.exitCode = await handOver("shell");
  } else process.exitCode = ended;
  say(
    [
      "That was it. To use it in your own repository:",
      "  npm run build            makes ./dist/dispatch, one file: put it on your PATH",
      '  dispatch run "use sonnet to tidy up the tests, in a worktree"',
      "  dispatch                 what needs you, what runs",
      "  dispatch agents          which agents you have, and what each one lacks",
    ].join("\n"),
  );
}

function nothingFound(agents: AgentInfo[]): string {
  const hints = agents.filter(({ hint }) => hint !== null).map(({ name, hint }) => `  ${name}: ${hint}`);
  return [
    "No coding agent is installed and logged in here, so the built-in shell worker does the task.",
    "To get one:",
    ...hints,
  ].join("\n");
}

/** @returns the exit code of the wait for its end */
async function handOver(agent: string): Promise<number> {
  const { prompt, plan } = agent === "shell" ? FOR_SHELL : FOR_AGENTS;
  const planFile = join(FOLDER, ".git", "quickstart-plan.md");
  writeFileSync(planFile, plan);
  const made = JSON.parse(
    await output(
      "run",
      prompt,
      "--agent",
      agent,
      "--worktree",
      "--plan",
      planFile,
      "--name",
      "quickstart",
      "--json",
    ),
  ) as { task: { slug: string } };
  const { slug } = made.task;
  say(`$ dispatch run "${prompt}" --agent ${agent} --worktree --plan plan.md`);
  await shown("watch", slug);
  const code = await shown("result", slug);
  await shown("diff", slug);
  if (code === 0)
    say(`It worked in a git worktree of its own. Next: dispatch merge ${slug}, then dispatch clean ${slug}.`);
  return code;
}

/** Runs a command in front of the user. */
async function shown(...args: string[]): Promise<number> {
  say(`$ dispatch ${args.join(" ")}`);
  return Bun.spawn([...DISPATCH, ...args], { cwd: FOLDER, stdio: ["inherit", "inherit", "inherit"] }).exited;
}

async function output(...args: string[]): Promise<string> {
  const child = Bun.spawn([...DISPATCH, ...args], { cwd: FOLDER, stdio: ["ignore", "pipe", "inherit"] });
  const text = await new Response(child.stdout).text();
  const code = await child.exited;
  if (code !== 0) process.exit(code);
  return text;
}

/** A small repository to work in; an earlier one is used again. */
function makeRepository(): void {
  if (existsSync(join(FOLDER, ".git"))) return;
  mkdirSync(FOLDER, { recursive: true, mode: 0o700 });
  writeFileSync(join(FOLDER, "greet.sh"), '#!/bin/sh\necho "hello"\n');
  const identity = ["-c", "user.name=Dispatch", "-c", "user.email=dispatch@localhost"];
  for (const args of [
    ["init", "-q", "-b", "main"],
    ["add", "."],
    [...identity, "commit", "-q", "-m", "A greeting"],
  ]) {
    const run = Bun.spawnSync(["git", ...args], { cwd: FOLDER, stdio: ["ignore", "inherit", "inherit"] });
    if (run.exitCode !== 0) process.exit(1);
  }
}

function say(text: string): void {
  console.log(`\n${text}`);
}

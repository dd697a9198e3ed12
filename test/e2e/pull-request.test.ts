import { expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { World } from "./world.ts";

async function done(world: World, ...script: string[]): Promise<void> {
  const steps = [...script, "finish It is\\nblue|a.txt"].map((step) => `scripted: ${step}`).join("\n");
  await world.dispatchPlan(["paint it"], `Paint it blue\n## Plan\n${steps}`, "--worktree", "--name", "blue");
  expect((await world.settled("blue")).task.status.state).toBe("completed");
}

test("a pull request says what was asked, planned, done and checked, and nobody's text passes for ours", async () => {
  await using world = new World({ also: 'workspaces:\n  repo:\n    gate: ["npm test"]\n' });
  await done(world, "tick 1", "run printf 'one\\ntwo\\n' > 'a `b`.txt'");
  const { title, body, branch, target } = await world.json<Record<string, string>>("pr", "blue");
  expect({ title, branch, target }).toEqual({
    title: "Paint it blue",
    branch: "dispatch/blue",
    target: "main",
  });
  expect(body).toContain("## What was asked\n\n> Paint it blue\n> ## Plan\n> scripted: tick 1\n");
  expect(body).toContain("## Plan\n\n- [x] paint it\n\n## What came out\n");
  expect(body).toContain("- ``a `b`.txt`` added, +2 −0\n");
  expect(body).toContain(
    "## How it was checked\n\nBy its worker. These were not run on this branch yet:\n- `npm test`",
  );
  expect(await world.ok("pr", "blue", "--body")).toBe(body!);
});

test("nothing is pushed unless a remote of the repository is named, and no hook runs then", async () => {
  await using world = new World();
  const remote = join(world.root, "remote.git");
  world.git("init", "-q", "--bare", remote);
  world.git("remote", "add", "origin", remote);
  writeFileSync(join(world.repo, ".git/hooks/pre-push"), `#!/bin/sh\ntouch ${world.root}/sprung\n`);
  chmodSync(join(world.repo, ".git/hooks/pre-push"), 0o755);
  await done(world, "tick 1", "edit a.txt blue");
  await world.ok("pr", "blue");
  const there = () => world.git("ls-remote", remote);
  expect(there()).toBe("");
  for (const name of [remote, "elsewhere", "--upload-pack=touch sprung"])
    expect(await world.run("pr", "blue", `--push=${name}`)).toMatchObject({ code: 3 });
  expect(there()).toBe("");
  await world.ok("pr", "blue", "--push", "origin");
  expect(there()).toContain("refs/heads/dispatch/blue\n");
  expect(world.git("--git-dir", remote, "show", "dispatch/blue:a.txt")).toBe("blue\n");
  expect(existsSync(join(world.root, "sprung"))).toBe(false);
});

test("gh gets the text by file; without gh its command is printed", async () => {
  await using world = new World();
  await done(world, "tick 1", "edit a.txt blue");
  const body = await world.ok("pr", "blue", "--body");
  const path = world.environment["PATH"]!;
  world.environment["PATH"] = `${join(world.root, "bin")}:/usr/bin:/bin`;
  const printed = await world.run("pr", "blue", "--open");
  expect(printed.code).toBe(1);
  expect(printed.stderr).toContain(
    "hint: dispatch pr blue --body | gh pr create --base=main --head=dispatch/blue '--title=Paint it blue' --body-file=-\n",
  );
  mkdirSync(join(world.root, "bin"));
  const gh = join(world.root, "bin", "gh");
  writeFileSync(
    gh,
    `#!/bin/sh\nprintf '%s\\n' "$@" > ${world.root}/words\ncat "\${6#--body-file=}" > ${world.root}/body\n`,
  );
  chmodSync(gh, 0o755);
  await world.ok("pr", "blue", "--open");
  world.environment["PATH"] = path;
  expect(readFileSync(join(world.root, "words"), "utf8")).toStartWith(
    "pr\ncreate\n--base=main\n--head=dispatch/blue\n--title=Paint it blue\n--body-file=",
  );
  expect(readFileSync(join(world.root, "body"), "utf8")).toBe(body);
});

import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { AuditRow } from "../../src/protocol/audit.ts";
import type { Rule } from "../../src/protocol/rule.ts";
import type { Judgement } from "../../src/protocol/rule.ts";
import { World } from "./world.ts";

function runs(...commands: string[]): string {
  return [...commands.map((command) => `scripted: run ${command}`), "scripted: finish done"].join("\n");
}

async function states(world: World, slug: string): Promise<[string, string, string | false][]> {
  const { approvals } = await world.settled(slug);
  return approvals.map(({ call, status }) => [call.title, status.state, "by" in status && status.by]);
}

async function listed(world: World): Promise<Rule[]> {
  return (await world.json<{ rules: Rule[] }>("rules")).rules;
}

describe("a decision for longer", () => {
  test("--always allows the same command from then on, in this workspace, and says so before and after", async () => {
    await using world = new World();
    const slug = await world.dispatch(runs("touch a", "touch b"), "--permissions", "ask");
    expect((await world.run("wait", slug)).stdout).toContain("--always would allow: touch a (tool run)");
    expect(await world.ok("approve", slug, "--always")).toContain("From now on: allow touch a (tool run)");
    expect(await states(world, slug)).toEqual([
      ["touch a", "applied", "person"],
      ["touch b", "open", false],
    ]);
    await world.ok("deny", slug);
    await world.settled(slug);
    const again = await world.dispatch(runs("touch a"), "--permissions", "ask");
    expect(await states(world, again)).toEqual([["touch a", "applied", "policy"]]);
    const [rule] = await listed(world);
    expect(rule).toMatchObject({ effect: "allow", command: "touch a", createdBy: "approval", session: null });
    await world.ok("rules", "rm", rule!.id);
    const last = await world.dispatch(runs("touch a"), "--permissions", "ask");
    expect(await states(world, last)).toEqual([["touch a", "open", false]]);
  });

  test("--always for an edit reaches its folder, and nothing by which others run commands", async () => {
    await using world = new World();
    const script =
      "scripted: edit a.txt 1\nscripted: edit sub/b.txt 2\nscripted: edit .git/config 3\nscripted: finish x";
    mkdirSync(join(world.repo, "sub"));
    const slug = await world.dispatch(script, "--permissions", "ask");
    await world.settled(slug);
    await world.ok("approve", slug, "--always");
    expect((await states(world, slug)).map(([title, state]) => [title, state])).toEqual([
      ["Edit a.txt", "applied"],
      ["Edit sub/b.txt", "applied"],
      ["Edit .git/config", "open"],
    ]);
  });

  test("--session holds for this session only", async () => {
    await using world = new World();
    const slug = await world.dispatch(runs("touch a", "touch a"), "--permissions", "ask");
    await world.settled(slug);
    await world.ok("approve", slug, "--session");
    expect((await world.settled(slug)).task.status.state).toBe("completed");
    const next = await world.dispatch(runs("touch a"), "--permissions", "ask");
    expect(await states(world, next)).toEqual([["touch a", "open", false]]);
  });

  test("--until holds until its time", async () => {
    await using world = new World();
    const slug = await world.dispatch(
      runs("touch a", "touch a", "touch b", "touch b"),
      "--permissions",
      "ask",
    );
    await world.settled(slug);
    await world.ok("approve", slug, "--until", "1h");
    const { approvals } = await world.settled(slug);
    expect(approvals.map(({ status }) => status.state)).toEqual(["applied", "applied", "open"]);
    await world.ok("approve", slug, "--until", "1ms");
    expect((await world.settled(slug)).approvals.at(-1)!.status.state).toBe("open");
    expect((await listed(world)).map(({ command }) => command)).toEqual(["touch a"]);
  });

  test("is refused for a call that no rule could name", async () => {
    await using world = new World();
    const slug = await world.dispatch(runs("touch $HOME/a"), "--permissions", "ask");
    expect((await world.run("wait", slug)).stdout).not.toContain("--always");
    const refused = await world.run("approve", slug, "--always");
    expect(refused.code).toBe(5);
    expect(refused.stderr).toContain("this call can only be allowed once");
    expect((await world.settled(slug)).approvals).toMatchObject([{ status: { state: "open" } }]);
    expect(await listed(world)).toEqual([]);
    await world.ok("approve", slug);
  });

  test("is one of several", async () => {
    await using world = new World();
    const both = await world.run("approve", "x", "--always", "--session");
    expect(both.code).toBe(2);
    expect(both.stderr).toContain("--session and --always are two answers");
  });
});

describe("rules that a person makes", () => {
  test("are kept by agents, and deny beats allow", async () => {
    await using world = new World();
    await world.ok("rules", "add", "allow", "touch *");
    await world.ok("rules", "add", "deny", "touch secret", "--note", "never");
    const slug = await world.dispatch(
      runs("touch a", "touch b && touch secret", "echo x > c"),
      "--permissions",
      "ask",
    );
    expect(await states(world, slug)).toEqual([
      ["touch a", "applied", "policy"],
      ["touch b && touch secret", "applied", "policy"],
      ["echo x > c", "open", false],
    ]);
    expect([existsSync(join(world.repo, "a")), existsSync(join(world.repo, "b"))]).toEqual([true, false]);
  });

  test("hold where everything else is allowed", async () => {
    await using world = new World();
    await world.ok("rules", "add", "deny", "touch secret");
    const slug = await world.dispatch(runs("touch a", "bash -c 'touch secret'", "touch b"));
    expect((await states(world, slug)).map(([title]) => title)).toContain("touch a");
    const { task, approvals } = await world.settled(slug);
    expect(task).toMatchObject({ permissions: "all", status: { state: "completed" } });
    expect(approvals.map(({ status }) => "verdict" in status && status.verdict)).toEqual([
      "allow",
      "deny",
      "allow",
    ]);
    expect(["a", "secret", "b"].map((name) => existsSync(join(world.repo, name)))).toEqual([
      true,
      false,
      true,
    ]);
  });

  test("hold in their workspace, and for their time", async () => {
    await using world = new World();
    const other = join(world.root, "other");
    mkdirSync(other);
    await world.ok("rules", "add", "allow", "touch a", "--workspace", other);
    await world.ok("rules", "add", "allow", "touch b", "--workspace", world.repo, "--until", "2h");
    await world.ok("rules", "add", "allow", "touch c", "--until", "1ms");
    for (const [command, code] of [
      ["touch a", 4],
      ["touch b", 0],
      ["touch c", 4],
    ] as const)
      expect((await world.run("rules", "test", command, "--permissions", "ask")).code).toBe(code);
    expect(
      (await world.run("rules", "test", "touch a", "--permissions", "ask", "--workspace", other)).code,
    ).toBe(0);
    expect(await world.ok("rules")).toMatch(/allow +touch a +other\n.*allow +touch b +repo +for 2h\n$/);
  });

  test("that could match nothing, or everything by mistake, are refused", async () => {
    await using world = new World();
    for (const words of [
      ["allow"],
      ["maybe", "ls"],
      ["allow", "ls && rm x"],
      ["allow", "ls 'a"],
      ["deny", 'git commit -m "a b"'],
      ["allow", "ls", "--path", "a"],
      ["allow", " "],
    ])
      expect((await world.run("rules", "add", ...words)).code).toBe(2);
    expect((await world.run("rules", "rm", "rul_0123456789")).code).toBe(3);
    expect(await world.ok("rules", "list")).toBe("No rules: dispatch rules add --help\n");
  });

  test("about a path see where it leads", async () => {
    await using world = new World();
    mkdirSync(join(world.root, "secret"));
    symlinkSync(join(world.root, "secret"), join(world.repo, "link"));
    await world.ok("rules", "add", "deny", "--path", join(world.root, "secret"));
    const slug = await world.dispatch(
      "scripted: edit link/new.txt 1\nscripted: edit ok.txt 2\nscripted: finish x",
    );
    const { approvals } = await world.settled(slug);
    expect(approvals.map(({ status }) => "verdict" in status && status.verdict)).toEqual(["deny", "allow"]);
    expect(existsSync(join(world.root, "secret", "new.txt"))).toBe(false);
  });
});

describe("rules test", () => {
  test("explains a line part by part, and its exit code says what would be done", async () => {
    await using world = new World();
    await world.ok("rules", "add", "deny", "rm -rf *");
    const denied = await world.run(
      "rules",
      "test",
      "git status && sudo rm -rf build > log",
      "--permissions",
      "edits",
    );
    expect(denied.code).toBe(5);
    expect(denied.stdout).toContain(`denied, with the preset edits in ${world.repo}`);
    expect(denied.stdout).toContain("allowed  git status\n           the preset edits lets it read");
    expect(denied.stdout).toContain(
      "asks     sudo rm -rf build\n           it is more than the preset edits allows",
    );
    expect(denied.stdout).toMatch(/denied {3}rm -rf build\n {11}a rule: deny rm -rf \* rul_\w+/);
    expect((await world.run("rules", "test", "$X", "--permissions", "edits")).code).toBe(4);
    expect((await world.run("rules", "test", "ls", "--permissions", "read-only")).code).toBe(0);
    const { judgement } = JSON.parse(
      (await world.run("rules", "test", "make", "--json", "--permissions", "ask")).stdout,
    ) as {
      judgement: Judgement;
    };
    expect(judgement).toMatchObject({ effect: "ask", parts: [{ text: "make", effect: "ask", rule: null }] });
  });

  test("knows tools and files, and the preset of the place", async () => {
    await using world = new World();
    for (const [path, code] of [
      ["src/a.ts", 0],
      [".git/config", 4],
      ["../x", 4],
    ] as const)
      expect(
        (await world.run("rules", "test", "--tool", "edit", "--path", path, "--permissions", "edits")).code,
      ).toBe(code);
    expect((await world.run("rules", "test", "make")).stdout).toContain("with the preset all");
    expect((await world.run("rules", "test")).code).toBe(2);
  });
});

test("edits: commands that only read run by themselves; what changes more, asks", async () => {
  await using world = new World();
  const slug = await world.dispatch(
    runs(
      "ls | head -1",
      "git status > /dev/null",
      "echo x > new.txt",
      "git -c core.pager=touch log",
      "echo x > .git/hooks/x",
    ),
    "--permissions",
    "edits",
  );
  const { approvals } = await world.settled(slug);
  expect(approvals.map(({ call, status }) => [call.title, status.state])).toEqual([
    ["ls | head -1", "applied"],
    ["git status > /dev/null", "applied"],
    ["echo x > new.txt", "applied"],
    ["git -c core.pager=touch log", "open"],
  ]);
});

test("read-only: the same commands run, and all others are denied", async () => {
  await using world = new World();
  const slug = await world.dispatch(
    runs("cat readme.txt", "touch a", "cat readme.txt > b"),
    "--permissions",
    "read-only",
  );
  const { approvals } = await world.settled(slug);
  expect(approvals.map(({ status }) => "verdict" in status && status.verdict)).toEqual([
    "allow",
    "deny",
    "deny",
  ]);
  expect([existsSync(join(world.repo, "a")), existsSync(join(world.repo, "b"))]).toEqual([false, false]);
});

test("a question survives the daemon, and the decision after it is made once", async () => {
  await using world = new World();
  const slug = await world.dispatch(runs("touch a", "touch a"), "--permissions", "ask");
  const asked = (await world.settled(slug)).approvals[0]!;
  await world.killDaemon();
  expect(await world.ok("approve", slug, asked.id, "--always")).toContain("From now on: allow touch a");
  await world.killDaemon();
  const { task, approvals } = await world.settled(slug);
  expect(task.status.state).toBe("completed");
  expect(approvals.map(({ status }) => "by" in status && status.by)).toEqual(["person", "policy"]);
  const second = await world.run("deny", slug, asked.id);
  expect([second.code, second.stderr]).toEqual([1, "dispatch: error: already decided: allowed\n"]);
});

test("an agent's own commands may change no rule, and may look", async () => {
  await using world = new World();
  const run = (...args: string[]) =>
    Bun.spawnSync([...world.self, ...args], {
      cwd: world.repo,
      env: { ...world.environment, DISPATCH_RUN: "ses_x:1" },
    });
  for (const args of [
    ["rules", "add", "allow", "*"],
    ["rules", "rm", "rul_1"],
    ["approve", "x", "--always"],
    ["deny", "x"],
  ]) {
    const { exitCode, stderr } = run(...args);
    expect(exitCode).toBe(5);
    expect(stderr.toString()).toContain("is for people, and this runs inside an agent's task");
  }
  expect(run("rules").exitCode).toBe(0);
  expect(run("rules", "test", "ls", "--permissions", "read-only").exitCode).toBe(0);
});

test("audit has every decision and every change of the rules, and finds what was changed since", async () => {
  await using world = new World();
  expect(await world.ok("audit")).toBe("Nothing was decided yet.\n");
  await world.ok("rules", "add", "deny", "touch b");
  const slug = await world.dispatch(runs("touch a", "touch b"), "--permissions", "ask");
  await world.settled(slug);
  await world.ok("approve", slug, "--always", "--reason", "it is harmless");
  await world.settled(slug);
  const { rows } = await world.json<{ rows: AuditRow[] }>("audit");
  expect(
    rows.map(({ seq, entry }) => [seq, entry.type, "verdict" in entry && [entry.by, entry.verdict]]),
  ).toEqual([
    [4, "decision", ["policy", "deny"]],
    [3, "decision", ["person", "allow"]],
    [2, "rule_added", false],
    [1, "rule_added", false],
  ]);
  const [denied, allowed] = rows.map(({ entry }) => entry);
  expect(denied).toMatchObject({ tool: "run", title: "touch b", because: "a rule: deny touch b" });
  expect(allowed).toMatchObject({
    grant: "always",
    reason: "it is harmless",
    call: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(await world.ok("audit", "verify")).toBe("The log is whole: 4 rows.\n");
  const db = new Database(join(world.home, "dispatch.db"));
  db.run("UPDATE audit SET body = replace(body, '\"deny\"', '\"allow\"') WHERE seq = 4");
  db.close();
  const broken = await world.run("audit", "verify");
  expect([broken.code, broken.stdout]).toEqual([
    1,
    "The log is broken at row 4: it was changed after it was written.\n",
  ]);
});

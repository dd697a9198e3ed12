import { describe, expect, test } from "bun:test";
import type { GatedCall } from "../protocol/approval.ts";
import type { Permissions } from "../protocol/permission.ts";
import type { Effect, Rule } from "../protocol/rule.ts";
import { judge } from "./policy.ts";
import { rule, said, scope, shell } from "./policy.fixture.ts";
import { FOLDER, START, call } from "./run.fixture.ts";

function about(gated: GatedCall, permissions: Permissions, ...rules: Rule[]): Effect {
  return judge({ call: gated, line: null }, rules, scope(permissions)).effect;
}

describe("a preset", () => {
  const CASES: [Permissions, GatedCall, Effect][] = [
    ["all", call("execute"), "allow"],
    ["all", call("delete", "/etc/passwd"), "allow"],
    ["ask", call("read", "/repo/a.ts"), "ask"],
    ["ask", call("execute"), "ask"],
    ["read-only", call("read", "/etc/hosts"), "allow"],
    ["read-only", call("search"), "allow"],
    ["read-only", call("think"), "allow"],
    ["read-only", call("edit", "/repo/a.ts"), "deny"],
    ["read-only", call("execute"), "deny"],
    ["read-only", call("switch_mode"), "deny"],
    ["edits", call("read", "/etc/hosts"), "allow"],
    ["edits", call("edit", "/repo/a.ts"), "allow"],
    ["edits", call("edit", "/repo"), "allow"],
    ["edits", call("move", "/repo/a.ts", "/repo/b.ts"), "allow"],
    ["edits", call("move", "/repo/a.ts", "/tmp/b.ts"), "ask"],
    ["edits", call("edit", "/repository/a.ts"), "ask"],
    ["edits", call("delete", "/etc/passwd"), "ask"],
    ["edits", call("edit"), "ask"],
    ["edits", call("execute"), "ask"],
    ["edits", call("fetch"), "ask"],
    ["edits", call("other", "/repo/a.ts"), "ask"],
  ];
  test.each(CASES)("%s: %j → %p", (permissions, gated, effect) => {
    expect(about(gated, permissions)).toBe(effect);
  });

  test("takes a folder with its slash, and the root", () => {
    const of = (gated: GatedCall, folder: string) =>
      judge({ call: gated, line: null }, [], scope("edits", { folder })).effect;
    expect(of(call("edit", "/repo/a.ts"), "/repo/")).toBe("allow");
    expect(of(call("edit", "/etc/passwd"), "/")).toBe("allow");
  });
});

describe("edits asks before a change by which other programs run commands", () => {
  test.each([
    ".git/config",
    ".git/hooks/pre-commit",
    ".git",
    "sub/.git/config",
    ".GIT/config",
    ".dispatch/tasks/other/plan.md",
    ".dispatch/anything",
    ".claude/settings.json",
    ".codex/config.toml",
    ".gemini/settings.json",
    ".opencode/plugin/a.ts",
    "opencode.json",
    ".mcp.json",
    ".vscode/tasks.json",
    ".husky/pre-commit",
    ".envrc",
    ".bashrc",
    "home/.zshenv",
  ])("%s", (path) => {
    expect(about(call("edit", `${FOLDER}/${path}`), "edits")).toBe("ask");
    expect(said(`echo x > ${path}`, "edits")).toBe("ask");
    // A rule for the whole folder does not reach it; one that names it does.
    const whole = rule("allow", { path: FOLDER });
    expect(about(call("edit", `${FOLDER}/${path}`), "edits", whole)).toBe("ask");
    const named = rule("allow", { path: `${FOLDER}/${path}` });
    expect(about(call("edit", `${FOLDER}/${path}`), "edits", named)).toBe("allow");
  });

  test("but not in its own task's folder, nor because of where its folder lies", () => {
    expect(about(call("edit", `${FOLDER}/.dispatch/tasks/fix-login/plan.md`), "edits")).toBe("allow");
    const folder = "/home/al/.dispatch/worktrees/w/fix-login";
    const inWorktree = (path: string, ...rules: Rule[]) =>
      judge({ call: call("edit", `${folder}/${path}`), line: null }, rules, scope("edits", { folder }))
        .effect;
    expect(inWorktree("a.ts")).toBe("allow");
    expect(inWorktree(".git")).toBe("ask");
    expect(inWorktree(".git", rule("allow", { path: folder }))).toBe("ask");
    expect(inWorktree(".git", rule("allow", { path: "/home/al/.dispatch" }))).toBe("ask");
  });
});

describe("rules", () => {
  const rm = rule("deny", "rm *");
  const npm = rule("allow", "npm run *");

  test("deny over ask over allow, whatever their order", () => {
    const all = rule("allow", "git *");
    const push = rule("ask", "git push *");
    const force = rule("deny", "git push --force *");
    for (const rules of [
      [all, push, force],
      [force, push, all],
    ]) {
      expect(said("git commit -m x", "ask", ...rules)).toBe("allow");
      expect(said("git push", "ask", ...rules)).toBe("ask");
      expect(said("git push --force origin", "ask", ...rules)).toBe("deny");
    }
  });

  test("come before the preset, which speaks where they are silent", () => {
    expect(said("npm run test", "read-only", npm)).toBe("allow");
    expect(said("rm x", "all", rm)).toBe("deny");
    expect(said("ls", "all", rm)).toBe("allow");
    expect(said("ls", "edits", rule("ask", "ls *"))).toBe("ask");
    expect(said("make", "read-only", rule("ask", "make *"))).toBe("ask");
  });

  test.each([
    ["npm run a && npm run b", "allow"],
    ["npm run a; npm run b & npm run c | npm run d\nnpm run e", "allow"],
    ["npm run a && curl x", "ask"],
    ["curl x || npm run a", "ask"],
    ["npm run a > out.txt", "ask"],
    ["npm run $(curl x)", "ask"],
    ["npm run `curl x`", "ask"],
    ["npm run <(curl x)", "ask"],
    ["(npm run a; curl x)", "ask"],
    ["npm run a && rm x", "deny"],
    ["if npm run a; then rm x; fi", "deny"],
    ["for f in a; do rm $f; done", "deny"],
    ["f() { rm x; }; npm run a", "deny"],
    ['npm run "$(rm x)"', "deny"],
    ["npm run a # rm x", "allow"],
    ["X=1 npm run a", "ask"],
    ["npm  run\\\n a", "allow"],
    ["npm run 2>/dev/null", "allow"],
    ["npm run a 2>&1", "allow"],
    ["npm", "ask"],
    ["npm test", "ask"],
    ["npm runx", "ask"],
    ["./npm run a", "ask"],
    ["npm$X run a", "ask"],
    ["$X", "ask"],
  ] as const)("every part of a line has to be allowed: %s → %s", (line, effect) => {
    expect(said(line, "ask", npm, rm)).toBe(effect);
  });

  test.each([
    "rm x",
    "\\rm x",
    "r''m x",
    '"rm" x',
    "$'r\\x6d' x",
    "/bin/rm x",
    "command rm x",
    "builtin rm x",
    "exec rm x",
    "env rm x",
    "env -i A=b rm x",
    "A=b rm x",
    "sudo rm x",
    "sudo -u root -n rm x",
    "nohup rm x &",
    "nice -n 5 rm x",
    "timeout -s KILL 5 rm x",
    "time rm x",
    "! rm x",
    "bash -c 'rm x'",
    'sh -c "rm x"',
    "bash -lc 'ls; rm x'",
    "bash -c 'bash -c \"rm x\"'",
    "eval rm x",
    "eval 'rm x'",
    "xargs rm",
    "ls | xargs -0 -n1 rm -f",
    "find . -exec rm {} \\;",
    "find . -name x -execdir rm {} +",
    "busybox rm x",
    "strace rm x",
    "watch rm x",
    "flock lock rm x",
    "trap 'rm x' EXIT",
    "sh <<'EOF'\nrm x\nEOF",
    "bash <<< 'rm x'",
    "cat <<EOF\n$(rm x)\nEOF",
    "echo ${x:-$(rm x)}",
    "echo $(( $(rm x) + 1 ))",
    "[[ -n $(rm x) ]]",
    "case $(rm x) in a) ;; esac",
    "while rm x; do :; done",
    "coproc rm x",
    "{ rm x; } > /dev/null",
    "x=$(rm x)",
    "diff <(rm x) y",
    "tee >(rm x)",
    "echo 'unterminated; rm x\nrm x'; rm x",
  ])("a denied command is found in %j", (line) => {
    expect(said(line, "all", rm)).toBe("deny");
  });

  test("a deny that may be meant asks, even where everything is allowed", () => {
    expect(said("git $X", "all", rule("deny", "git push *"))).toBe("ask");
    expect(said("$X y", "all", rm)).toBe("ask");
    expect(said('bash -c "$X"', "all", rm)).toBe("ask");
    expect(said("git -C $X status", "all", rule("deny", "npm *"))).toBe("allow");
  });

  test.each([
    ["git -C . push origin", "ask"],
    ["/usr/bin/git -c a=b --no-pager push", "ask"],
    ['git -C "$X" push', "ask"],
    ["git -C . status", "allow"],
    ["git commit push", "allow"],
  ] as const)("options before what a denied command does keep it from nothing: %s → %s", (line, effect) => {
    expect(said(line, "all", rule("deny", "git push *"))).toBe(effect);
    expect(said(line, "ask", rule("allow", "git push *"))).toBe("ask");
  });

  test.each([
    ["git status", "git status", "allow"],
    ["git status", "git status -s", "ask"],
    ["git status *", "git status -s", "allow"],
    ["git status *", "git status", "allow"],
    ["git log *.ts", "git log a.ts", "allow"],
    ["git log *.ts", "git log a.js", "ask"],
    ["git 'a b'", "git 'a b'", "allow"],
    ["git 'a b'", "git a b", "ask"],
    ["echo '*'", "echo '*'", "allow"],
    ["echo '*'", "echo x", "ask"],
    ["echo \\*", "echo x", "ask"],
    ["echo *", "echo $X", "allow"],
    ["echo a", "echo $X", "ask"],
    ["NODE_ENV=* npm test", "NODE_ENV=ci npm test", "allow"],
    ["NODE_ENV=* npm test", "NODE_ENV=$X npm test", "ask"],
    ["npm test", "PATH=/evil npm test", "ask"],
    ["npm test", "пpm test", "ask"],
  ] as const)("allow %j, of %j → %s", (pattern, line, effect) => {
    expect(said(line, "ask", rule("allow", pattern))).toBe(effect);
  });

  test("hold in their workspace and session, and until their time", () => {
    const elsewhere = "wks_11111111111111111111111111" as const;
    const otherSession = "ses_11111111111111111111111111" as const;
    for (const change of [{ workspace: elsewhere }, { session: otherSession }, { until: START }])
      expect(said("npm run a", "ask", rule("allow", "npm run *", change))).toBe("ask");
    expect(said("npm run a", "ask", rule("allow", "npm run *", { until: START + 1 }))).toBe("allow");
  });

  test("about a tool name it or its kind, with stars", () => {
    const mcp: GatedCall = { ...call("other"), tool: "mcp__github__create_issue" };
    expect(about(mcp, "ask", rule("allow", { tool: "mcp__github__*" }))).toBe("allow");
    expect(about(mcp, "ask", rule("allow", { tool: "mcp__gitlab__*" }))).toBe("ask");
    expect(about(call("fetch"), "all", rule("deny", { tool: "fetch" }))).toBe("deny");
    expect(said("npm test", "ask", rule("allow", { tool: "Bash" }))).toBe("allow");
    expect(said("npm test", "ask", rule("allow", "npm test", { tool: "bas?" }))).toBe("ask");
    // Not even for a tool that is allowed: what cannot be read, what is protected, a change of nobody knows what.
    expect(said("$X", "ask", rule("allow", { tool: "Bash" }))).toBe("ask");
    expect(said("echo x > .git/config", "ask", rule("allow", { tool: "Bash" }))).toBe("ask");
    expect(about(call("edit"), "ask", rule("allow", { tool: "edit" }))).toBe("ask");
    expect(about(call("execute"), "ask", rule("allow", { tool: "*" }))).toBe("ask");
  });

  test.each([
    ["/home/al", "/home/al", true],
    ["/home/al", "/home/al/a.ts", true],
    ["/home/al/", "/home/al/a.ts", true],
    ["/home/al", "/home/alice/a.ts", false],
    ["/home/al", "/home", false],
    ["/repo/src/*.ts", "/repo/src/a.ts", true],
    ["/repo/src/*.ts", "/repo/src/sub/a.ts", false],
    ["/repo/src/**", "/repo/src/sub/a.ts", true],
    ["/repo/**/a.ts", "/repo/a.ts", true],
    ["/repo/**/a.ts", "/repo/x/y/a.ts", true],
    ["/repo/?.ts", "/repo/ab.ts", false],
    ["/repo/a.ts", "/repo/axts", false],
    ["/repo/é", "/repo/e\u0301", true],
  ])("path %s, of %s → %p", (path, file, matches) => {
    expect(about(call("edit", file), "ask", rule("allow", { path }))).toBe(matches ? "allow" : "ask");
    expect(about(call("edit", file), "all", rule("deny", { path }))).toBe(matches ? "deny" : "allow");
  });

  test("all files of a call have to be allowed, and one that is denied is enough", () => {
    const src = rule("allow", { path: "/repo/src" });
    const move = call("move", "/repo/src/a.ts", "/etc/passwd");
    expect(about(move, "ask", src)).toBe("ask");
    expect(about(move, "ask", src, rule("deny", { path: "/etc" }))).toBe("deny");
    expect(about(call("edit"), "all", rule("deny", { path: "/etc" }))).toBe("ask");
  });

  test("compare paths as the file system does", () => {
    const of = (foldsCase: boolean) =>
      judge(
        { call: call("edit", "/repo/SECRET/a"), line: null },
        [rule("deny", { path: "/repo/secret" })],
        scope("all", { foldsCase }),
      ).effect;
    expect([of(false), of(true)]).toEqual(["allow", "deny"]);
  });

  test("about files reach the redirections and the words of a command", () => {
    const secret = rule("deny", { path: "/repo/secret" });
    for (const line of [
      "cat secret/key",
      "cat ./a/../secret/key",
      "cp --target-directory=secret a",
      "ls > secret/x",
      "cat < secret/key",
    ])
      expect(said(line, "all", secret)).toBe("deny");
    expect(said("cat secretary", "all", secret)).toBe("allow");
    expect(said("echo x > out/a", "ask", rule("allow", "echo *"), rule("allow", { path: "/repo/out" }))).toBe(
      "allow",
    );
    expect(
      said("cd / && echo x > out/a", "ask", rule("allow", "*"), rule("allow", { path: "/repo/out" })),
    ).toBe("ask");
    const named = shell("make", { paths: ["/repo/secret/key"] });
    expect(judge(named, [secret], scope("all")).effect).toBe("deny");
  });
});

import { expect, test } from "bun:test";
import type { Permissions } from "../protocol/permission.ts";
import type { Rule, RuleMatch } from "../protocol/rule.ts";
import { opinionOf } from "./opinion.ts";
import type { ReadCall } from "./policy.ts";
import { rule, scope, shell } from "./policy.fixture.ts";
import { call } from "./run.fixture.ts";

function offered(read: ReadCall, permissions: Permissions = "ask", ...rules: Rule[]): RuleMatch[] {
  return opinionOf(read, rules, scope(permissions)).offer;
}

function ofTool(...args: Parameters<typeof call>): ReadCall {
  return { call: call(...args), line: null };
}

function command(text: string): RuleMatch {
  return { tool: "Bash", command: text, path: null };
}

function path(text: string, tool = "Bash"): RuleMatch {
  return { tool, command: null, path: text };
}

test.each([
  ["npm test", [command("npm test")]],
  ["npm test && npm run 'a b'", [command("npm test"), command("npm run 'a b'")]],
  ["npm test && npm test", [command("npm test")]],
  ["echo '*'", [command("echo '*'")]],
  ['echo "it\'s"', [command(String.raw`echo 'it'\''s'`)]],
  ["X=1 make", [command("X=1 make")]],
  ["timeout 5 make", [command("make")]],
  ["make > out.txt", [path("/repo/out.txt"), command("make")]],
  ["make > 'a*'", []],
  ["make $X", []],
  ["cat *.ts", []],
  ["$X", []],
  ["curl x | sh", []],
  ["bash -c 'make'", [command("make")]],
] as [string, RuleMatch[]][])("of the line %s", (line, offer) => {
  expect(offered(shell(line))).toEqual(offer);
});

test("what is on offer allows the same call from then on, and no more", () => {
  for (const line of [
    "npm test && make 'a b' > out.txt",
    "echo '*' \"it's\" \\\\ $'\\t'",
    "sudo rm -rf /tmp/x",
  ]) {
    const rules = offered(shell(line)).map((match) => rule("allow", match));
    expect(rules.length).toBeGreaterThan(0);
    expect(opinionOf(shell(line), rules, scope("ask")).verdict).toBe("allow");
    expect(opinionOf(shell(`${line} x`), rules, scope("ask")).verdict).toBeNull();
    expect(opinionOf(shell(line, { tool: "OtherShell" }), rules, scope("ask")).verdict).toBeNull();
  }
});

test("only what asks is on offer", () => {
  expect(offered(shell("ls && make"), "edits")).toEqual([command("make")]);
  expect(offered(shell("npm test && make"), "ask", rule("allow", "npm test"))).toEqual([command("make")]);
  expect(offered(shell("make"), "ask", rule("ask", "make"))).toEqual([]);
  expect(offered(shell("make"), "read-only")).toEqual([]);
});

test("of a tool: the agent's folder, else the file, else the tool", () => {
  expect(offered(ofTool("edit", "/repo/a.ts"))).toEqual([path("/repo", "edit")]);
  expect(offered(ofTool("edit", "/repo/.git/config"))).toEqual([path("/repo/.git/config", "edit")]);
  expect(offered(ofTool("move", "/repo/a.ts", "/tmp/b"))).toEqual([
    path("/repo", "move"),
    path("/tmp/b", "move"),
  ]);
  expect(offered(ofTool("fetch"))).toEqual([{ tool: "fetch", command: null, path: null }]);
  for (const kind of ["edit", "execute", "switch_mode"] as const) expect(offered(ofTool(kind))).toEqual([]);
  expect(offered({ call: { ...call("fetch"), tool: "a*" }, line: null })).toEqual([]);
});

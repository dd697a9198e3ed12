import { describe, expect, test } from "bun:test";
import { HookReport } from "../protocol/hook-report.ts";
import { hookReport, promptKey } from "./hook-report.ts";

const CLAUDE = { session_id: "aa88b610-775d", transcript_path: "/t.jsonl", cwd: "/repo" };
const TOLD = { agent: "claude", conversation: "aa88b610-775d", folder: "/repo" };

function read(fields: Record<string, unknown>): HookReport | null {
  return hookReport({ ...CLAUDE, ...fields }, { agent: "claude", digest: (key) => `#${key}` });
}

describe("what a hook reports", () => {
  test("the start of a conversation, its turns and its end", () => {
    expect(read({ hook_event_name: "SessionStart", source: "resume", model: "m" })).toEqual({
      ...TOLD,
      event: "started",
      source: "resume",
    });
    expect(read({ hook_event_name: "Stop", last_assistant_message: "secret" })).toEqual({
      ...TOLD,
      event: "turn_ended",
      failed: false,
    });
    expect(read({ hook_event_name: "Interrupt", turn_id: "t" })).toEqual({ ...TOLD, event: "interrupted" });
    expect(read({ hook_event_name: "SessionEnd", reason: "other" })).toEqual({ ...TOLD, event: "ended" });
  });

  test("a tool by its name, its path and the beginning of its command, and nothing else of it", () => {
    const command = `curl -H "Authorization: ${"x".repeat(200)}"`;
    expect(
      read({
        hook_event_name: "PreToolUse",
        tool_name: "Bash",
        tool_input: { command, description: "secret" },
        tool_use_id: "toolu_1",
      }),
    ).toEqual({
      ...TOLD,
      event: "tool_started",
      tool: { call: "toolu_1", name: "Bash", path: null, command: command.slice(0, 80) },
    });
    const write = read({
      hook_event_name: "PostToolUse",
      tool_name: "Write",
      tool_input: { file_path: "/repo/a.ts", content: "secret" },
      tool_response: { text: "secret" },
    });
    expect(write).toMatchObject({
      tool: { name: "Write", path: "/repo/a.ts", command: null },
      failed: false,
    });
    expect(read({ hook_event_name: "PreToolUse", tool_name: "Read", agent_id: "a1" })).toMatchObject({
      subagent: true,
    });
    const patch = read({
      hook_event_name: "PreToolUse",
      tool_name: "apply_patch",
      tool_input: { command: "*** Begin Patch\n*** Add File: w.txt\n+secret\n*** End Patch" },
    });
    expect(patch).toMatchObject({ tool: { name: "apply_patch", path: "w.txt", command: null } });
    expect(JSON.stringify([write, patch])).not.toContain("secret");
  });

  test("a prompt by its digest alone", () => {
    const report = read({ hook_event_name: "UserPromptSubmit", prompt: "fix\tthe  \u200btests\r\nnow" });
    expect(report).toEqual({ ...TOLD, event: "prompt", digest: "#fixthetestsnow" });
    expect(promptKey('\n\n<pasted_content id="3f52">\nfix the\n</pasted_content id="3f52">\n')).toBe(
      "fixthe",
    );
    expect(promptKey("fix    the tests\nnow ")).toBe("fixthetestsnow");
  });

  test("that its person is needed, by whatever hook says so", () => {
    const asks = (fields: Record<string, unknown>) => read(fields) as { needs?: string };
    expect(asks({ hook_event_name: "PermissionRequest", tool_name: "Bash" }).needs).toBe("approval");
    expect(asks({ hook_event_name: "PermissionRequest", tool_name: "AskUserQuestion" }).needs).toBe(
      "question",
    );
    expect(asks({ hook_event_name: "Notification", notification_type: "permission_prompt" }).needs).toBe(
      "approval",
    );
    expect(read({ hook_event_name: "Notification", notification_type: "idle_prompt" })).toBeNull();
  });

  test("nothing for what is no event of ours, and what fits its schema for whatever it is told", () => {
    for (const input of [null, 1, "x", [], {}, { session_id: 1 }, { ...CLAUDE, hook_event_name: "Other" }])
      expect(hookReport(input, { agent: "codex", digest: String })).toBeNull();
    const hostile: Record<string, unknown>[] = [
      { tool_name: "n".repeat(10_000), tool_input: { command: "\ud800".repeat(100), path: 7 } },
      { tool_name: null, tool_input: null, tool_use_id: {} },
      { tool_input: [1, 2], prompt: { toString: 1 }, source: "elsewhere", cwd: 12 },
    ];
    const events = ["SessionStart", "PreToolUse", "PostToolUse", "PermissionRequest", "Stop"];
    for (const fields of hostile)
      for (const hook_event_name of events)
        expect(() => HookReport.parse(read({ ...fields, hook_event_name }))).not.toThrow();
    expect(HookReport.parse(read({ hook_event_name: "UserPromptSubmit", prompt: 12 }))).toBeTruthy();
  });
});

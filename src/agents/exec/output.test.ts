import { expect, test } from "bun:test";
import type { AgentOutput } from "../driver.ts";
import { lineReader } from "./output.ts";
import type { ExecOutput } from "../agent-row.ts";

/** What lines say, of products as they printed them. */
async function read(output: ExecOutput, lines: readonly object[]) {
  const reader = (await lineReader(output))!;
  const said = lines.map((line) => reader(JSON.stringify(line)));
  return {
    unread: said.filter((each) => each === null).length,
    outputs: said.flatMap((each): readonly AgentOutput[] => each?.outputs ?? []),
    names: new Set(said.flatMap((each) => each?.conversation ?? [])),
    failure: said.flatMap((each) => each?.failure ?? [])[0],
  };
}

test("Codex", async () => {
  const command = { id: "item_2", type: "command_execution", command: "/bin/bash -lc 'echo hi; false'" };
  const change = { id: "item_1", type: "file_change", changes: [{ path: "/work/a.txt", kind: "add" }] };
  const { outputs, names, unread } = await read("codex", [
    { type: "thread.started", thread_id: "01a1fe87" },
    { type: "turn.started" },
    { type: "item.completed", item: { id: "item_0", type: "agent_message", text: "I will write." } },
    { type: "item.started", item: { ...change, status: "in_progress" } },
    { type: "item.completed", item: { ...change, status: "completed" } },
    {
      type: "item.started",
      item: { ...command, aggregated_output: "", exit_code: null, status: "in_progress" },
    },
    {
      type: "item.completed",
      item: { ...command, aggregated_output: "hi\n", exit_code: 1, status: "failed" },
    },
    { type: "turn.completed", usage: { input_tokens: 300, cached_input_tokens: 0, output_tokens: 30 } },
  ]);
  expect([...names]).toEqual(["01a1fe87"]);
  expect(unread).toBe(0);
  expect(outputs).toMatchObject([
    { type: "text", text: "I will write." },
    { type: "tool", call: "item_1", status: "in_progress", kind: "edit", paths: ["/work/a.txt"] },
    { type: "tool", call: "item_1", status: "completed" },
    { type: "tool", call: "item_2", status: "in_progress", kind: "execute", title: command.command },
    { type: "tool", call: "item_2", status: "failed", output: "hi\n" },
    { type: "usage", usage: { inputTokens: 300, outputTokens: 30 } },
  ]);
  const failed = await read("codex", [{ type: "turn.failed", error: { message: "stream disconnected" } }]);
  expect(failed.failure).toEqual({ end: "error", message: "stream disconnected" });
});

test("Gemini CLI", async () => {
  const { outputs, names, unread } = await read("gemini", [
    { type: "init", session_id: "054ac370", model: "gemini-2.5-flash" },
    { type: "message", role: "user", content: "Please" },
    { type: "message", role: "assistant", content: "I will write.", delta: true },
    { type: "tool_use", tool_name: "write_file", tool_id: "w0", parameters: { file_path: "a.txt" } },
    { type: "tool_result", tool_id: "w0", status: "success" },
    { type: "tool_use", tool_name: "nothing", tool_id: "n0", parameters: {} },
    {
      type: "tool_result",
      tool_id: "n0",
      status: "error",
      output: "not found",
      error: { message: "not found" },
    },
    { type: "result", status: "success", stats: { input_tokens: 300, output_tokens: 30 } },
  ]);
  expect([...names]).toEqual(["054ac370"]);
  expect(unread).toBe(0);
  expect(outputs).toMatchObject([
    { type: "text", text: "I will write." },
    { type: "tool", call: "w0", title: "write_file a.txt", kind: "edit" },
    { type: "tool", call: "w0", status: "completed" },
    { type: "tool", call: "n0", kind: "other" },
    { type: "tool", call: "n0", status: "failed", output: "not found" },
    { type: "usage", usage: { inputTokens: 300, outputTokens: 30 } },
  ]);
});

test("OpenCode", async () => {
  const sessionID = "ses_e01784f0";
  const state = { status: "completed", input: { command: "echo hi" }, output: "hi\n", title: "echo hi" };
  const todos = { todos: [{ content: "look", status: "completed", priority: "medium", id: "0" }] };
  const { outputs, names, unread } = await read("opencode", [
    { type: "step_start", sessionID, part: { type: "step-start" } },
    { type: "text", sessionID, part: { type: "text", text: "I will." } },
    { type: "tool_use", sessionID, part: { type: "tool", tool: "bash", callID: "call_0", state } },
    {
      type: "tool_use",
      sessionID,
      part: { tool: "todowrite", callID: "call_1", state: { ...state, input: todos } },
    },
    { type: "step_finish", sessionID, part: { tokens: { total: 110, input: 100, output: 10 }, cost: 0 } },
  ]);
  expect([...names]).toEqual([sessionID]);
  expect(unread).toBe(0);
  expect(outputs).toMatchObject([
    { type: "text", text: "I will." },
    { type: "tool", call: "call_0", status: "completed", title: "echo hi", output: "hi\n" },
    { type: "tool", call: "call_1", status: "completed" },
    { type: "todos", steps: [{ text: "look", mark: "done" }] },
    { type: "usage", usage: { inputTokens: 100, outputTokens: 10 } },
  ]);
  const error = { name: "ProviderAuthError", data: { message: "no key" } };
  const failed = await read("opencode", [{ type: "error", sessionID, error }]);
  expect(failed.failure).toEqual({ end: "login", message: "no key" });
});

test("Qwen Code, in Claude Code's words", async () => {
  const session_id = "f9657e46";
  const event = { type: "goal_state", goal_state: { v: 2, goal: null, activity: "idle" } };
  const call = { type: "tool_use", id: "call_1", name: "run_shell_command", input: { command: "false" } };
  const result = { type: "tool_result", tool_use_id: "call_1", is_error: true, content: "Exit Code: 1" };
  const { outputs, names, unread } = await read("claude", [
    { type: "system", subtype: "init", session_id, tools: [] },
    { type: "stream_event", session_id, event },
    { type: "assistant", session_id, message: { role: "assistant", content: [call] } },
    { type: "user", session_id, message: { role: "user", content: [result] } },
    {
      type: "result",
      subtype: "success",
      session_id,
      is_error: false,
      usage: { input_tokens: 300, output_tokens: 30 },
    },
  ]);
  expect([...names]).toEqual([session_id]);
  expect(unread).toBe(0);
  expect(outputs).toMatchObject([
    { type: "tool", call: "call_1", title: "false", kind: "execute" },
    { type: "tool", call: "call_1", status: "failed", output: "Exit Code: 1" },
    { type: "usage", usage: { inputTokens: 300, outputTokens: 30 } },
  ]);
});

test.each(["claude", "codex", "cursor", "gemini", "opencode"] as const)(
  "%s: a line of no known kind is unread, a known one with a strange detail is not thrown at",
  async (output) => {
    const { unread } = await read(output, [{ type: "tomorrow" }, {}]);
    expect(unread).toBe(2);
    const reader = (await lineReader(output))!;
    for (const line of ["", "null", "[1]", '{"type":', `{"type":"result","usage":7,"subtype":"success"}`])
      expect(() => reader(line)).not.toThrow();
  },
);

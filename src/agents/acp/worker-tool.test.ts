import { describe, expect, test } from "bun:test";
import type { GatedCall } from "../../protocol/approval.ts";
import { isWorkerTool } from "./worker-tool.ts";

function call(change: Partial<GatedCall>): GatedCall {
  return { tool: "other", kind: "other", title: "a tool", paths: [], input: null, ...change };
}

const QUESTION = { question: "Which colour?" };
const ASKED = { server: "dispatch", tool: "ask", arguments: QUESTION };

describe("isWorkerTool", () => {
  test.each([
    ["Claude", call({ tool: "mcp__dispatch__ask", input: QUESTION })],
    ["OpenCode", call({ tool: "dispatch_ask", title: "dispatch_ask", input: {} })],
    ["Gemini", call({ title: "finish (dispatch MCP Server)", input: [] })],
    ["Codex", call({ tool: "execute", kind: "execute", title: "mcp.dispatch.ask", input: ASKED })],
  ])("knows our tools as %s calls them", (_product, ours) => expect(isWorkerTool(ours)).toBeTrue());

  test.each([
    [
      "a command with such a title",
      call({ kind: "execute", title: "dispatch_ask", input: { command: "rm" } }),
    ],
    ["a command shown as other", call({ title: "dispatch_ask", input: { command: "rm" } })],
    ["a call that touches a file", call({ title: "dispatch_ask", paths: ["/etc/passwd"] })],
    ["another server's tool", call({ kind: "execute", input: { ...ASKED, server: "other" } })],
    ["a call with more than our tool takes", call({ input: { ...ASKED, command: "rm" }, kind: "execute" })],
    ["a tool that is not ours", call({ title: "dispatch_delete" })],
  ])("is not taken in by %s", (_trick, foreign) => expect(isWorkerTool(foreign)).toBeFalse());
});

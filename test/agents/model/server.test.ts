import { afterAll, expect, test } from "bun:test";
import { marker } from "./script.ts";
import { startModelServer } from "./server.ts";

const server = startModelServer({
  touch: [{ text: "touching", calls: [{ do: "shell", command: "touch out.txt" }] }, { text: "done" }],
  slow: [{ text: "one two three", overMs: 30 }],
});
afterAll(() => server.close());

const prompt = marker("touch");
const parameters = { type: "object", properties: { command: { type: "string" } } };

async function post(path: string, body: object): Promise<string> {
  const response = await fetch(server.url + path, { method: "POST", body: JSON.stringify(body) });
  expect(response.status).toBe(200);
  return response.text();
}

test("Anthropic messages", async () => {
  const messages = [{ role: "user", content: prompt }];
  const tools = [{ name: "Bash", input_schema: parameters }];
  const stream = await post("/v1/messages?beta=true", { model: "m", stream: true, messages, tools });
  expect(stream).toContain("event: message_stop");
  expect(stream).toContain(`"stop_reason":"tool_use"`);
  expect(stream).toContain("touch out.txt");
});

test("OpenAI responses, with the tools beside the conversation and behind code", async () => {
  const exec = { type: "custom", name: "exec", description: "declares exec_command" };
  const offer = {
    type: "additional_tools",
    role: "developer",
    tools: [{ type: "namespace", name: "functions", tools: [exec] }],
  };
  const input = [offer, { type: "message", role: "user", content: [{ type: "input_text", text: prompt }] }];
  const stream = await post("/v1/responses", { model: "m", stream: true, input });
  expect(stream).toContain("event: response.completed");
  expect(stream).toContain("await tools.exec_command(");
});

test("OpenAI chat completions, played to the end", async () => {
  const tools = [{ type: "function", function: { name: "bash", parameters } }];
  const asked = [{ role: "user", content: prompt }];
  const first = await post("/v1/chat/completions", { model: "m", messages: asked, tools });
  expect(JSON.parse(first)).toMatchObject({ choices: [{ finish_reason: "tool_calls" }] });
  const played = [...asked, { role: "assistant", tool_calls: [{}] }, { role: "tool", content: "" }];
  const second = await post("/v1/chat/completions", { model: "m", messages: played, tools });
  expect(JSON.parse(second)).toMatchObject({ choices: [{ message: { content: "done" } }] });
});

test("Gemini, and JSON of the caller's own shape", async () => {
  const contents = [{ role: "user", parts: [{ text: prompt }] }];
  const tools = [{ functionDeclarations: [{ name: "run_shell_command", parametersJsonSchema: parameters }] }];
  const path = "/v1beta/models/gemini-x:streamGenerateContent?alt=sse";
  expect(await post(path, { contents, tools })).toContain(`"functionCall":{"name":"run_shell_command"`);
  const responseJsonSchema = { type: "object", properties: { title: { type: "string" } } };
  const classified = await post(path, { contents, tools, generationConfig: { responseJsonSchema } });
  expect(classified).toContain(`{\\"title\\":\\"scripted\\"}`);
});

test("what was asked is remembered, and can be waited for", async () => {
  const later = server.waitFor((request) => request.model === "later");
  const tools = [{ type: "function", function: { name: "bash", parameters } }];
  const messages = [{ role: "user", content: marker("slow") }];
  const text = await post("/v1/chat/completions", { model: "later", stream: true, messages, tools });
  expect(text.match(/"content":"(one|two|three)/g)).toHaveLength(3);
  expect(await later).toMatchObject({ format: "chat", script: "slow", step: 0, tools: ["bash"], calls: [] });
});

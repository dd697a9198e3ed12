/** How a one-shot command prints what it does; numbers are its exit codes. */
export interface Print {
  begin(): Promise<void>;
  /** A session update, as ACP has it. */
  update(update: object): Promise<void>;
  end(): Promise<number>;
  failed(message: string): Promise<number>;
  noLogin(): Promise<number>;
}

type Write = (text: string) => Promise<void>;

interface Update {
  sessionUpdate: string;
  content?: { text?: string } | { type: string; content?: { text?: string } }[];
  toolCallId?: string;
  name?: string;
  title?: string;
  status?: string;
  rawInput?: unknown;
  used?: number;
  cost?: { amount: number } | null;
  entries?: { content: string; status: string }[];
}

const NO_LOGIN = "Not logged in · Please run /login";

export function textLines(write: Write): Print {
  return {
    begin: async () => undefined,
    async update(update) {
      const { sessionUpdate, content } = update as Update;
      if (sessionUpdate === "agent_message_chunk") await write(`${textOf(content)}\n`);
    },
    end: async () => 0,
    failed: (message) => complain(message),
    noLogin: () => complain(NO_LOGIN),
  };
}

/** `claude -p --output-format stream-json --verbose`, as seen. */
export function claudeLines(write: Write, id: string): Print {
  const line = (value: object) => write(`${JSON.stringify({ ...value, session_id: id })}\n`);
  const usage = { input_tokens: 100, output_tokens: 10 };
  const message = (role: string, block: object, more: object = {}) =>
    line({ type: role, message: { role, content: [block] }, ...more });
  const result = async (more: object, code: number) => {
    await line({ type: "result", subtype: "success", total_cost_usd: 0.5, usage, ...more });
    return code;
  };
  return {
    begin: () => line({ type: "system", subtype: "init", tools: [] }),
    async update(update) {
      const { sessionUpdate, content, toolCallId, name, title, rawInput, status, entries } = update as Update;
      switch (sessionUpdate) {
        case "agent_message_chunk":
          return message("assistant", { type: "text", text: textOf(content) });
        case "agent_thought_chunk":
          return message("assistant", { type: "thinking", thinking: textOf(content) });
        case "tool_call":
          return message("assistant", {
            type: "tool_use",
            id: toolCallId,
            name: name ?? title,
            input: rawInput,
          });
        case "plan": {
          const todos = entries?.map(({ content: text, status: state }) => ({
            content: text,
            status: state,
          }));
          return message("assistant", { type: "tool_use", id: "todos", name: "TodoWrite", input: { todos } });
        }
        case "tool_call_update":
          if (status === "in_progress") return;
          return message("user", {
            type: "tool_result",
            tool_use_id: toolCallId,
            content: outputOf(content),
            is_error: status === "failed",
          });
      }
    },
    end: () => result({ is_error: false, result: "done" }, 0),
    failed: (text) => result({ is_error: true, result: text }, 1),
    async noLogin() {
      await message("assistant", { type: "text", text: NO_LOGIN }, { error: "authentication_failed" });
      return result({ is_error: true, result: NO_LOGIN }, 1);
    },
  };
}

/** `cursor-agent -p --output-format stream-json`, as documented: https://cursor.com/docs/cli/reference/output-format */
export function cursorLines(write: Write, id: string): Print {
  const line = (value: object) => write(`${JSON.stringify({ ...value, session_id: id })}\n`);
  const calls = new Map<string, { key: string; args: unknown }>();
  const tool = (subtype: string, call: string, result: object = {}) => {
    const { key, args } = calls.get(call)!;
    return line({ type: "tool_call", subtype, call_id: call, tool_call: { [key]: { args, ...result } } });
  };
  return {
    begin: () => line({ type: "system", subtype: "init", apiKeySource: "login", model: "Auto" }),
    async update(update) {
      const { sessionUpdate, content, toolCallId = "", name, rawInput, status } = update as Update;
      switch (sessionUpdate) {
        case "agent_message_chunk":
          return line({
            type: "assistant",
            message: { role: "assistant", content: [{ type: "text", text: textOf(content) }] },
          });
        case "tool_call":
          calls.set(toolCallId, { key: name === "run" ? "shellToolCall" : "editToolCall", args: rawInput });
          return tool("started", toolCallId);
        case "tool_call_update": {
          if (status === "in_progress") return;
          const outcome = { stdout: outputOf(content) };
          return tool("completed", toolCallId, {
            result: status === "failed" ? { error: outcome } : { success: outcome },
          });
        }
      }
    },
    async end() {
      await line({ type: "result", subtype: "success", is_error: false, result: "done", duration_ms: 1 });
      return 0;
    },
    failed: (message) => complain(message),
    noLogin: () => complain("Not logged in. Run 'agent login' first."),
  };
}

async function complain(message: string): Promise<number> {
  console.error(message);
  return 1;
}

function textOf(content: Update["content"]): string {
  return content && "text" in content ? (content.text ?? "") : "";
}

function outputOf(content: Update["content"]): string {
  return Array.isArray(content) ? content.map((each) => each.content?.text ?? "").join("") : "";
}

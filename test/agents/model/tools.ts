import { missing, patched, quote, shell } from "./by-shell.ts";
import { deferred } from "./code-mode.ts";
import { callOf, known, named, pathOf, use, type Input, type Offered } from "./offered.ts";
import type { Call, PlanLine } from "./script.ts";
import type { OfferedTool, ToolCall } from "./wire.ts";

type Kind = Call["do"];
type Makers = { [K in Kind]: (call: Extract<Call, { do: K }>, tools: Offered) => ToolCall };

const GENERAL_AGENT: Readonly<Record<string, string>> = { task: "general", invoke_agent: "generalist" };

/** How each call is made: by the first tool on offer that does it, named in the order of the products, or by the shell. */
const MAKERS: Makers = {
  shell: ({ command, unconfined = false, background = false }, tools) =>
    shell(tools, command, { unconfined, background }),
  read: ({ path }, tools) =>
    use(relative(tools), ["Read", "read", "read_file"], (tool) => pathOf(tool, path)) ??
    shell(tools, `cat ${quote(path)}`),
  list: ({ path }, tools) =>
    use(tools, ["LS", "list", "list_directory", "Glob", "glob"], (tool) => ({
      ...pathOf(tool, path),
      ...known(tool, { pattern: "*" }),
    })) ?? shell(tools, `ls ${quote(path)}`),
  search: ({ path, pattern }, tools) =>
    use(tools, ["Grep", "grep", "grep_search", "search_file_content"], (tool) => ({
      ...pathOf(tool, path),
      pattern,
    })) ?? shell(tools, `grep -r ${quote(pattern)} ${quote(path)}`),
  write: (call, tools) =>
    use(relative(tools), ["Write", "write", "write_file"], (tool) => ({
      ...pathOf(tool, call.path),
      content: call.content,
    })) ?? patched(tools, call),
  edit: (call, tools) =>
    use(relative(tools), ["Edit", "edit", "replace"], (tool) => editInput(tool, call)) ??
    patched(tools, call),
  fetch: ({ url }, tools) =>
    use(tools, ["WebFetch", "webfetch", "web_fetch"], (tool) =>
      known(tool, { url, prompt: `read ${url}`, format: "text" }),
    ) ?? missing(tools, "fetch"),
  plan: ({ items }, tools) => planned(tools, items) ?? missing(tools, "plan"),
  delegate: ({ prompt }, tools) =>
    use(tools, ["Agent", "Task", "task", "invoke_agent"], (tool) => delegateInput(tool, prompt)) ??
    missing(tools, "delegate"),
  mcp: ({ tool, input }, tools) => served(tools, tool, input) ?? missing(tools, `mcp ${tool}`),
};

/** The file tools that take a path as a script names it: Qwen Code, which is known by its search for tools, wants it whole. */
function relative(tools: Offered): Offered {
  return named(tools, ["tool_search"]) === null ? tools : [];
}

/** The call as the tools of this request can make it. */
export function concrete(call: Call, tools: Offered): ToolCall {
  const make = MAKERS[call.do] as (call: Call, tools: Offered) => ToolCall;
  return make(call, tools);
}

function editInput(tool: OfferedTool, call: Extract<Call, { do: "edit" }>): Input {
  const texts =
    "oldString" in tool.properties
      ? { oldString: call.old, newString: call.new }
      : { old_string: call.old, new_string: call.new };
  return { ...pathOf(tool, call.path), ...texts, ...known(tool, { instruction: "scripted edit" }) };
}

function delegateInput(tool: OfferedTool, prompt: string): Input {
  const agent = GENERAL_AGENT[tool.name] ?? "general-purpose";
  return known(tool, {
    description: "scripted",
    prompt,
    subagent_type: agent,
    agent_name: agent,
    run_in_background: false,
  });
}

/** Each todo tool has its own word for the list and for a line's text. */
const PLAN_TOOLS: Readonly<Record<string, { list: string; line: (line: PlanLine, index: number) => Input }>> =
  {
    TodoWrite: {
      list: "todos",
      line: ({ text, state }) => ({ content: text, activeForm: text, status: state }),
    },
    todowrite: {
      list: "todos",
      line: ({ text, state }, index) => ({
        content: text,
        status: state,
        priority: "medium",
        id: String(index),
      }),
    },
    update_plan: { list: "plan", line: ({ text, state }) => ({ step: text, status: state }) },
    write_todos: { list: "todos", line: ({ text, state }) => ({ description: text, status: state }) },
  };

function planned(tools: Offered, items: readonly PlanLine[]): ToolCall | null {
  const tool = named(tools, Object.keys(PLAN_TOOLS));
  const form = tool === null ? undefined : PLAN_TOOLS[tool.name];
  if (tool !== null && form !== undefined) return callOf(tool, { [form.list]: items.map(form.line) });
  // Claude's newer tool makes one entry a call.
  const text = items[0]?.text ?? "";
  return use(tools, ["TaskCreate"], () => ({ subject: text, description: text, activeForm: text }));
}

/** A server's tool is offered as `mcp__server__tool`, `server_tool` or `tool`, by product. */
function served(tools: Offered, name: string, input: Input): ToolCall | null {
  const tool = tools.find((offered) => offered.name === name || offered.name.endsWith(`_${name}`));
  const found = tool ?? deferred(tools, name);
  return found === null ? null : callOf(found, input);
}

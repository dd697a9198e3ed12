import type { Session } from "../../protocol/session.ts";
import type { WorkspaceInfo } from "../../protocol/workspace.ts";
import type { ModelInfo } from "../../protocol/agent.ts";

/** Who oppi says makes an agent's models. */
const PROVIDERS: Record<string, string> = { claude: "anthropic", codex: "openai", gemini: "google" };

/** A workspace as oppi's clients know one. */
export function workspaceOf({ id, name, path }: Pick<WorkspaceInfo, "id" | "name" | "path">) {
  return { id, name, hostMount: path };
}

/** A session as oppi's clients know one; the states have the same names. */
export function sessionOf(session: Session) {
  return {
    id: session.id,
    workspaceId: session.workspace,
    name: session.name ?? "",
    status: session.status.state,
    model: session.model ? modelId(session.model) : null,
    thinkingLevel: session.thinking,
    createdAt: session.createdAt,
    lastActivity: session.updatedAt,
    ...(session.status.state === "error" ? { error: session.status.message } : {}),
  };
}

/** Models by `provider/model`, each once; null for a context window that no agent has told. */
export function modelsOf(models: readonly ModelInfo[]) {
  const all = models
    .filter(({ available }) => available)
    .map((model) => {
      const [provider, ...rest] = modelId(model).split("/");
      const { name, contextWindow } = model;
      return { id: modelId(model), name, provider: provider!, model: rest.join("/"), contextWindow };
    });
  return [...new Map(all.map((each) => [each.id, each])).values()];
}

function modelId({ agent, id, name }: { agent: string; id: string | null; name: string }): string {
  const model = id ?? name;
  return model.includes("/") ? model : `${PROVIDERS[agent] ?? agent}/${model}`;
}

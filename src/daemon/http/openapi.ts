import { z } from "zod";
import { VERSION } from "../../base/version.ts";
import { API } from "../../protocol/api.ts";
import { ErrorBody } from "../../protocol/error.ts";
import { ROUTES, type RouteName } from "../../protocol/route.ts";

interface Call {
  summary: string;
  query?: z.ZodObject;
  body?: z.ZodType;
  answer: z.ZodType;
}

/** The daemon's calls as an OpenAPI 3.1 document, made from the table that answers them. */
export function openApi(): unknown {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const name of Object.keys(ROUTES) as RouteName[]) {
    const [method, path] = ROUTES[name];
    const template = path.replaceAll(/:(\w+)/g, "{$1}");
    (paths[template] ??= {})[method.toLowerCase()] = operation(name, path, API[name]);
  }
  return { openapi: "3.1.0", info: { title: "Dispatch", version: VERSION }, paths };
}

function operation(name: RouteName, path: string, { summary, query, body, answer }: Call): unknown {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, key]) => ({
    name: key,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  return {
    operationId: name,
    summary,
    parameters: [...inPath, ...(query ? queryParameters(query) : [])],
    ...(body && { requestBody: { required: true, content: json(schemaOf(body, "input")) } }),
    responses: {
      200: { description: "done", content: json(schemaOf(answer, "output")) },
      default: { description: "refused", content: json(schemaOf(z.object({ error: ErrorBody }), "output")) },
    },
  };
}

function queryParameters(query: z.ZodObject): unknown[] {
  return Object.entries(query.shape).map(([name, schema]) => ({
    name,
    in: "query",
    required: false,
    schema: schemaOf(schema as z.ZodType, "input"),
  }));
}

function json(schema: unknown): unknown {
  return { "application/json": { schema } };
}

function schemaOf(schema: z.ZodType, io: "input" | "output"): unknown {
  const { $schema: _, ...own } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return own;
}

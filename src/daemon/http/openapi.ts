import { z } from "zod";
import { VERSION } from "../../base/version.ts";
import { API } from "../../protocol/api.ts";
import { ErrorBody } from "../../protocol/error.ts";
import { ROUTES, type RouteName } from "../../protocol/route.ts";
import { MAX_KEY_LENGTH } from "./once.ts";

interface Call {
  summary: string;
  query?: z.ZodObject;
  body?: z.ZodType;
  answer: z.ZodType;
}

const IDEMPOTENCY_KEY = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  description: "a repeat with the same key and body gets the same answer, and does nothing",
  schema: { type: "string", minLength: 1, maxLength: MAX_KEY_LENGTH },
};

/** The daemon's calls as an OpenAPI 3.1 document, made from the table that answers them. */
export function openApi(): unknown {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const name of Object.keys(ROUTES) as RouteName[]) {
    const [method, path] = ROUTES[name];
    const template = path.replaceAll(/:(\w+)/g, "{$1}");
    (paths[template] ??= {})[method.toLowerCase()] = operation(name, path, API[name]);
  }
  return {
    openapi: "3.1.0",
    info: { title: "Dispatch", version: VERSION },
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "the content of local.token in DISPATCH_HOME" },
      },
    },
  };
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
    parameters: [
      ...inPath,
      ...(query ? queryParameters(query) : []),
      ...(ROUTES[name][0] === "GET" ? [] : [IDEMPOTENCY_KEY]),
    ],
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
    required: !(schema as z.ZodType).safeParse(undefined).success,
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

import { z } from "zod";
import { VERSION } from "../../base/version.ts";
import { API } from "../../protocol/api.ts";
import { ErrorBody } from "../../protocol/error.ts";
import { ROUTES, type RouteName } from "../../protocol/route.ts";
import { FromStream, ToStream } from "../../protocol/stream.ts";
import { FromViewer, ToViewer } from "../../protocol/terminal.ts";
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

/** The paths that speak WebSocket. OpenAPI knows no frames: their schemas stand among the components. */
const SOCKETS: Readonly<Record<string, { name: string; summary: string }>> = {
  "/stream": {
    name: "stream",
    summary: "Follow what happens: text frames, ToStream from the client, FromStream from the daemon",
  },
  "/sessions/:session/terminal": {
    name: "terminal",
    summary:
      "A session's terminal: text frames, FromViewer from the client, ToViewer from the daemon; binary ones are what is typed and shown",
  },
};
const FRAMES = { ToStream, FromStream, FromViewer, ToViewer };

/** The daemon's calls as an OpenAPI 3.1 document, made from the table that answers them, and its WebSockets. */
export function openApi(): unknown {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const name of Object.keys(ROUTES) as RouteName[]) {
    const [method, path] = ROUTES[name];
    (paths[template(path)] ??= {})[method.toLowerCase()] = operation(name, path, API[name]);
  }
  for (const [path, socket] of Object.entries(SOCKETS))
    paths[template(path)] = { get: upgrade(path, socket) };
  return {
    openapi: "3.1.0",
    info: { title: "Dispatch", version: VERSION },
    security: [{ token: [] }],
    paths,
    components: {
      schemas: Object.fromEntries(
        Object.entries(FRAMES).map(([name, frame]) => [name, schemaOf(frame, "output")]),
      ),
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "the content of local.token in DISPATCH_HOME" },
      },
    },
  };
}

function operation(name: RouteName, path: string, { summary, query, body, answer }: Call): unknown {
  return {
    operationId: name,
    summary,
    parameters: [
      ...pathParameters(path),
      ...(query ? queryParameters(query) : []),
      ...(ROUTES[name][0] === "GET" ? [] : [IDEMPOTENCY_KEY]),
    ],
    ...(body && { requestBody: { required: true, content: json(schemaOf(body, "input")) } }),
    responses: {
      200: { description: "done", content: json(schemaOf(answer, "output")) },
      default: refused(),
    },
  };
}

function upgrade(path: string, { name, summary }: { name: string; summary: string }): unknown {
  return {
    operationId: name,
    summary,
    parameters: pathParameters(path),
    responses: { 101: { description: "the connection speaks WebSocket from here on" }, default: refused() },
  };
}

function refused(): unknown {
  return { description: "refused", content: json(schemaOf(z.object({ error: ErrorBody }), "output")) };
}

/** A path as OpenAPI writes it: `/tasks/{task}`. */
function template(path: string): string {
  return path.replaceAll(/:(\w+)/g, "{$1}");
}

function pathParameters(path: string): unknown[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
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

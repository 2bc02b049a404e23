// Reads an AsyncAPI document from standard input; prints one line for each error and fails on any.
import { text } from "node:stream/consumers";
import parser from "@asyncapi/parser";

const { document, diagnostics } = await new parser.Parser().parse(await text(process.stdin));
const errors = diagnostics.filter(({ severity }) => severity === 0);
for (const { path, message } of errors) console.error(`${path.join(".")}: ${message}`);
if (errors.length || !document) process.exit(1);
console.log(JSON.stringify({ version: document.version(), messages: document.allMessages().length }));

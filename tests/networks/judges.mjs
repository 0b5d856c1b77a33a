// Measure texts with the libraries of X and of Bluesky. A line of JSON in, a line of JSON out:
// the texts, and their lengths. The arguments are the network and the folder of the packages.

import { createInterface } from "node:readline";
import { createRequire } from "node:module";

const [network, packages] = process.argv.slice(2);

function judge() {
  const require = createRequire(`${packages}/`);
  if (network === "twitter") {
    const { parseTweet } = require("twitter-text");
    return (text) => parseTweet(text).weightedLength;
  }
  const { RichText } = require("@atproto/api");
  return (text) => new RichText({ text }).graphemeLength;
}

const length = judge();
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(JSON.parse(line).map(length))}\n`);
}

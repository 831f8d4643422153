// Listens to a terminal's live events with one of the independent clients and prints one line for each.
// Arguments: client ("node-zklib" or "zkteco-js"), port. The first line, "listening", says that it has asked for them.
import { createRequire } from "node:module";

const [client, port] = process.argv.slice(2);
const Terminal = createRequire(import.meta.url)(client);
console.log = console.error = () => {}; // the clients chat on standard output

const terminal = new Terminal("127.0.0.1", Number(port), 5000, 4000);
await terminal.createSocket();
await terminal.getInfo();
await terminal.getRealTimeLogs((event) => {
  const at = event.attTime;
  const parts = [at.getFullYear(), at.getMonth() + 1, at.getDate(), at.getHours(), at.getMinutes(), at.getSeconds()];
  process.stdout.write(JSON.stringify([event.userId, ...parts]) + "\n");
});
setTimeout(() => process.stdout.write('"listening"\n'), 300);
setTimeout(() => process.exit(0), 20000);

// A task processor with network I/O: gets the path in every task, {"path": "/README.md"}, from an HTTP server, with
// fetch, and prints what the server answers.
//
// It implements the world `decaton:processor` (wit/processor/processor.wit). What is in a variable of the module stays from
// one task to the next, until a task traps or runs out of time.

import { get as setting } from 'decaton:processor/configuration@0.1.0';
import { write as log } from 'decaton:processor/log@0.1.0';

export const taskHandler = {
  async process(task) {
    let path;
    try {
      path = JSON.parse(new TextDecoder().decode(task.value)).path;
    } catch (e) {
      // A task that makes no sense will make none the next time.
      throw { tag: 'dead-letter', val: `not JSON with a string \`path\`: ${e}` };
    }
    const server = setting('server') ?? '127.0.0.1:8080';
    let answer, body;
    try {
      answer = await fetch(`http://${server}${path}`);
      body = await answer.text();
    } catch (e) {
      // A server that is away may come back.
      throw { tag: 'retry', val: `GET ${path} from ${server}: ${e}` };
    }
    if (!answer.ok) {
      throw { tag: 'dead-letter', val: `GET ${path}: ${answer.status}` };
    }
    log('info', `GET ${path}: ${body.length} bytes`);
    console.log(body.trimEnd());
  },
};

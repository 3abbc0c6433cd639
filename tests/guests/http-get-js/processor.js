// A task processor with network I/O: requests the path in each task, {"path": "/README.md"}, from an HTTP server, with
// fetch, and prints the response.
//
// It implements the world `decaton:processor` (wit/processor/processor.wit). Variables of the module keep their values
// between tasks, until a task traps or exceeds its deadline.

import { get as setting } from 'decaton:processor/configuration@0.1.0';
import { write as log } from 'decaton:processor/log@0.1.0';

export const taskHandler = {
  async process(task) {
    let path;
    try {
      path = JSON.parse(new TextDecoder().decode(task.value)).path;
    } catch (e) {
      // A malformed task does not improve by a retry.
      throw { tag: 'dead-letter', val: `not JSON with a string \`path\`: ${e}` };
    }
    const server = setting('server') ?? '127.0.0.1:8080';
    let answer, body;
    try {
      answer = await fetch(`http://${server}${path}`);
      body = await answer.text();
    } catch (e) {
      // An unreachable server may come back.
      throw { tag: 'retry', val: `GET ${path} from ${server}: ${e}` };
    }
    if (!answer.ok) {
      throw { tag: 'dead-letter', val: `GET ${path}: ${answer.status}` };
    }
    log('info', `GET ${path}: ${body.length} bytes`);
    console.log(body.trimEnd());
  },
};

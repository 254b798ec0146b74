// Requests and answers of `nft2bpf batch` as messages: a long ruleset does not hold up the page.

import { answer } from './nft2bpf.js';

addEventListener('message', ({ data }) => postMessage(answer(data)));

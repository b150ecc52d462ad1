// Kinesalite listens on all interfaces by its own command; this one on the loopback only. It ends with its standard input.
const server = require('kinesalite')({ createStreamMs: 0, shardLimit: 100 });
server.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
process.stdin.on('end', () => process.exit()).resume();
// It throws when a client is gone in the middle of a request, which the service that it stands for outlives.
process.on('uncaughtException', error => { if (error.code !== 'ECONNRESET') throw error; });

// S3rver on a folder, with the buckets that are named. It ends with its standard input.
const S3rver = require('s3rver');
const [directory, ...buckets] = process.argv.slice(2);
const server = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory, configureBuckets: buckets.map(name => ({ name })) });
server.run().then(({ port }) => console.log(`listening on http://127.0.0.1:${port}`));
process.stdin.on('end', () => process.exit()).resume();

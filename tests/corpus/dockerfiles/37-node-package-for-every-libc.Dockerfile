FROM node:20 AS build
WORKDIR /srv
RUN npm install bcrypt@6
COPY . .
FROM node:20-alpine
WORKDIR /srv
COPY --from=build /srv .
CMD ["node", "server.js"]

FROM dart:stable AS build
WORKDIR /app
COPY . .
RUN dart pub get && dart compile exe bin/board.dart -o bin/board
FROM scratch
COPY --from=build /runtime/ /
COPY --from=build /app/bin/board /app/bin/
CMD ["/app/bin/board"]

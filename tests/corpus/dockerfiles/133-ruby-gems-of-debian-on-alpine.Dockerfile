FROM ruby:3.2 AS build
RUN gem install nokogiri puma
FROM ruby:3.2-alpine
COPY --from=build /usr/local/bundle /usr/local/bundle
WORKDIR /srv
COPY . .
CMD ["puma"]

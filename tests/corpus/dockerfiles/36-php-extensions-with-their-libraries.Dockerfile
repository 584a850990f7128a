FROM php:8.2-fpm-alpine
RUN apk add --no-cache libpng libzip icu-libs \
 && apk add --no-cache --virtual .build $PHPIZE_DEPS libpng-dev libzip-dev icu-dev \
 && docker-php-ext-install gd zip intl pdo_mysql \
 && pecl install redis && docker-php-ext-enable redis \
 && apk del .build
COPY . /var/www/html
USER www-data
CMD ["php-fpm"]

FROM continuumio/miniconda3 AS build
COPY environment.yml .
RUN conda env create -f environment.yml && conda-pack -n plot -o /tmp/env.tar && mkdir /plot && tar -C /plot -xf /tmp/env.tar
FROM debian:bookworm-slim
COPY --from=build /plot /plot
SHELL ["/bin/bash", "-c"]
ENTRYPOINT source /plot/bin/activate && python -m plot
